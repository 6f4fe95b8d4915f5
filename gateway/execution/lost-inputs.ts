import {
  Kind,
  parse,
  print,
  visit,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { IsOfType, Joins } from "../supergraph/joins.ts";
import { fragmentsOf } from "./decided.ts";
import type { Fault } from "./faults.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import type { EntityFetch, EntityGroup, RequiredSelection } from "./plan.ts";
import type { Run } from "./run.ts";

/*
 * A field with `@requires` gets nothing when one of its inputs failed: a subgraph is not sent the null that stands in the
 * input's place, for it would compute something untrue from it. The other fields of the entity are asked for all the same.
 */

/** Why inputs of an entity are not there, by the names under which they would be sent. */
export type LostInputs = ReadonlyMap<string, Fault>;

type Needs = Pick<EntityGroup, "requires"> & { isOfType: IsOfType };

/** What failed of the fields that are sent of an entity; undefined when nothing did. */
export function lostInputs(
  run: Run,
  entity: JsonObject,
  { requires, isOfType }: Needs,
): LostInputs | undefined {
  if (!run.faults.anyNoted) return undefined;
  let lost: Map<string, Fault> | undefined;
  const look = (selections: readonly RequiredSelection[]): void => {
    for (const node of selections) {
      if (node.kind === "fragment") {
        if (isOfType(entity["__typename"], node.type)) look(node.selections);
        continue;
      }
      const cause = causeOf(run, entity, { requires: [node], isOfType });
      if (cause) (lost ??= new Map<string, Fault>()).set(node.sentAs, cause);
    }
  };
  look(requires);
  return lost;
}

function causeOf(run: Run, object: JsonObject, { requires, isOfType }: Needs): Fault | undefined {
  const causeIn = (value: unknown, inside: EntityGroup["requires"]): Fault | undefined => {
    if (isJsonObject(value)) return causeOf(run, value, { requires: inside, isOfType });
    if (!Array.isArray(value)) return undefined;
    return first(value.entries(), ([index, each]: [number, unknown]) =>
      each === null ? run.faults.causeOf(value, index) : causeIn(each, inside),
    );
  };
  return first(requires, (node) => {
    if (node.kind === "fragment")
      return isOfType(object["__typename"], node.type) ? causeIn(object, node.selections) : undefined;
    const value = object[node.key];
    if (value === undefined || value === null) return run.faults.causeOf(object, node.key);
    return node.selections && causeIn(value, node.selections);
  });
}

function first<T, R>(all: Iterable<T>, find: (each: T) => R | undefined): R | undefined {
  for (const each of all) {
    const found = find(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is left of a group of entities without some of their inputs. */
export interface Remainder {
  /** The request for the fields that need none of the lost inputs; undefined when there are none. */
  node: EntityFetch | undefined;
  /** The response names of the fields that need a lost input, by its name. */
  dropped: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The request for one group without the fields that require something that is lost, and without what is lost. */
export function remainderOf(
  node: EntityFetch,
  group: EntityGroup,
  { lost, joins }: { lost: LostInputs; joins: Pick<Joins, "requiredBy"> },
): Remainder {
  const document = parse(node.operation, { noLocation: true });
  const fragments = fragmentsOf(document);
  const dropped = new Map<string, Set<string>>();
  const isKept = (field: FieldNode, type: string): boolean => {
    const needed = joins.requiredBy(node.subgraph, type, field.name.value).filter((name) => lost.has(name));
    for (const name of needed)
      dropped.set(name, (dropped.get(name) ?? new Set()).add((field.alias ?? field.name).value));
    return needed.length === 0;
  };
  const keep = ({ selections }: SelectionSetNode, type: string): SelectionNode[] =>
    selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return isKept(selection, type) ? [selection] : [];
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (!fragment) return [];
      const { typeCondition, selectionSet } = fragment;
      const inside = keep(selectionSet, typeCondition?.name.value ?? type);
      if (inside.length === 0) return [];
      const set: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: inside };
      return [{ kind: Kind.INLINE_FRAGMENT, ...(typeCondition && { typeCondition }), selectionSet: set }];
    });
  const definition = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const entities = (definition as OperationDefinitionNode).selectionSet.selections.find(
    (each) => each.kind === Kind.FIELD && (each.alias ?? each.name).value === group.alias,
  ) as FieldNode;
  const selections = entities.selectionSet ? keep(entities.selectionSet, "") : [];
  if (!asksForFields(selections)) return { node: undefined, dropped };
  const rest: FieldNode = { ...entities, selectionSet: { kind: Kind.SELECTION_SET, selections } };
  const own = withoutUnused(definition as OperationDefinitionNode, rest, fragments);
  const requires = group.requires.flatMap((each) => withoutInputs(each, lost));
  const variables = node.variables.filter((name) => own.variables.has(name));
  return {
    node: { ...node, operation: own.text, variables, groups: [{ ...group, requires }] },
    dropped,
  };
}

/** The name of an object's type is no reason to ask for it. */
const asksForFields = (selections: readonly SelectionNode[]): boolean =>
  selections.some((each) =>
    each.kind === Kind.FIELD
      ? each.name.value !== "__typename"
      : each.kind === Kind.INLINE_FRAGMENT && asksForFields(each.selectionSet.selections),
  );

const withoutInputs = (node: RequiredSelection, lost: LostInputs): RequiredSelection[] => {
  if (node.kind === "field") return lost.has(node.sentAs) ? [] : [node];
  return [{ ...node, selections: node.selections.flatMap((each) => withoutInputs(each, lost)) }];
};

/** An operation with one root field, and the variables and fragments that this uses: servers refuse others. */
function withoutUnused(
  definition: OperationDefinitionNode,
  root: FieldNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): { text: string; variables: ReadonlySet<string> } {
  const variables = new Set<string>();
  const used = new Set<FragmentDefinitionNode>();
  const look = (node: FieldNode | FragmentDefinitionNode): void => {
    visit(node, {
      [Kind.VARIABLE]: ({ name }) => void variables.add(name.value),
      [Kind.FRAGMENT_SPREAD]: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (!fragment || used.has(fragment)) return;
        used.add(fragment);
        look(fragment);
      },
    });
  };
  look(root);
  const own: OperationDefinitionNode = {
    ...definition,
    variableDefinitions: (definition.variableDefinitions ?? []).filter(({ variable }) =>
      variables.has(variable.name.value),
    ),
    selectionSet: { kind: Kind.SELECTION_SET, selections: [root] },
  };
  return { text: [own, ...used].map((each) => print(each)).join("\n"), variables };
}
