import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
} from "graphql";
import { argumentsText, responseName } from "./knowledge.ts";
import { Problem } from "./problem.ts";
import { namedOf, type SubgraphViews } from "./subgraph-view.ts";

interface Checked {
  views: SubgraphViews;
  subgraph: string;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  rootType: string;
}

interface Scope {
  parent: string;
  set: SelectionSetNode;
}

interface Selected {
  node: FieldNode;
  parent: string;
  type: TypeNode;
  below: Scope[];
}

/**
 * Checks that a subgraph that validates takes a request: fields and types that it has, fragments that can apply, and one
 * response name for fields of one type only.
 *
 * @throws Problem for one that it would refuse
 */
export function checkRequest(document: DocumentNode, checked: Checked): void {
  for (const node of document.definitions)
    if (node.kind === Kind.OPERATION_DEFINITION)
      check([{ parent: checked.rootType, set: node.selectionSet }], checked);
}

/** Looks at what is selected of one object, through fragments of all its types. */
function check(scopes: readonly Scope[], checked: Checked): void {
  const fields = new Map<string, Selected>();
  for (const scope of scopes) collect(scope, fields, checked);
  for (const { below } of fields.values()) if (below.length > 0) check(below, checked);
}

function collect({ parent, set }: Scope, fields: Map<string, Selected>, checked: Checked): void {
  const { views, subgraph, fragments } = checked;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      collectField(selection, parent, { fields, checked });
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (!fragment) throw new Problem("a request has a fragment that is nowhere");
    const inner = fragment.typeCondition?.name.value ?? parent;
    if (!doOverlap(parent, inner, checked))
      throw new Problem(
        `a fragment on ${inner} where nothing but ${parent} can be, in a request to ${subgraph}`,
      );
    collect({ parent: inner, set: fragment.selectionSet }, fields, { ...checked, views });
  }
}

function doOverlap(one: string, other: string, { views, subgraph }: Checked): boolean {
  if (one === other || one === ENTITY) return views.has(subgraph, other) || other === ENTITY;
  const names = new Set(views.possible(subgraph, one).map(({ name }) => name));
  return views.possible(subgraph, other).some(({ name }) => names.has(name));
}

/** What `_entities` are: all types that have a key. */
const ENTITY = "_Entity";
const ENTITIES: TypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: ENTITY } };
const TYPENAME: TypeNode = {
  kind: Kind.NON_NULL_TYPE,
  type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: "String" } },
};

function collectField(
  node: FieldNode,
  parent: string,
  { fields, checked }: { fields: Map<string, Selected>; checked: Checked },
): void {
  const { views, subgraph, rootType } = checked;
  const name = node.name.value;
  const type = typeOf();
  if (!type) throw new Problem(`${parent}.${name} is none of the fields of ${subgraph}`);
  const key = responseName(node);
  const below = node.selectionSet ? [{ parent: namedOf(type), set: node.selectionSet }] : [];
  const known = fields.get(key);
  if (!known) return void fields.set(key, { node, parent, type, below });
  if (!haveOneShape(known.type, type, views))
    throw new Problem(`"${key}" is fields of different types in a request to ${subgraph}`);
  // Objects of different types may have different fields under one name.
  const areOne = known.node.name.value === name && argumentsText(known.node) === argumentsText(node);
  if (!areOne && (known.parent === parent || views.isAbstract(parent) || views.isAbstract(known.parent)))
    throw new Problem(`"${key}" is different fields in a request to ${subgraph}`);
  known.below.push(...below);

  function typeOf(): TypeNode | undefined {
    if (name === "__typename") return TYPENAME;
    if (name === "_entities" && parent === rootType) return ENTITIES;
    return views.fieldOf(subgraph, parent, name)?.type;
  }
}

/** Whether one response name may stand for fields of both types. */
function haveOneShape(one: TypeNode, other: TypeNode, views: SubgraphViews): boolean {
  if (one.kind === Kind.NON_NULL_TYPE || other.kind === Kind.NON_NULL_TYPE)
    return one.kind === other.kind && haveOneShape(below(one), below(other), views);
  if (one.kind === Kind.LIST_TYPE || other.kind === Kind.LIST_TYPE)
    return one.kind === other.kind && haveOneShape(below(one), below(other), views);
  const names = [one.name.value, other.name.value] as const;
  return names[0] === names[1] || names.every(views.isComposite);
}

const below = (type: TypeNode): TypeNode => (type.kind === Kind.NAMED_TYPE ? type : type.type);
