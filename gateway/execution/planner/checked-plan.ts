import {
  buildASTSchema,
  doTypesOverlap,
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  Kind,
  parse,
  typeFromAST,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from "graphql";
import type { LoadedSupergraph } from "../../supergraph.ts";
import { fetchesOf, type Plan } from "../plan.ts";
import { lazily } from "../receive.ts";

/**
 * What is wrong with the requests of a plan: fragments that can never apply and one response name for fields whose types
 * differ, which a subgraph that validates refuses, and fields that are external at their subgraph. Undefined when nothing is.
 */
export type FindProblem = (plan: Plan) => string | undefined;

export function createPlanCheck({ document, gives }: LoadedSupergraph): FindProblem {
  const schemaOf = lazily(() => buildASTSchema(document, { assumeValid: true, assumeValidSDL: true }));
  return ({ node, trigger }) => {
    const requests = [...(trigger ? [trigger] : []), ...fetchesOf(node)];
    for (const { operation, subgraph } of requests) {
      const isGiven = (type: string, field: string) => gives(subgraph, type, field);
      const problem = new Check(schemaOf(), parse(operation, { noLocation: true }), isGiven).problem();
      if (problem !== undefined) return `${problem} in a request to ${subgraph}`;
    }
    return undefined;
  };
}

interface Selected {
  type: GraphQLOutputType;
  below: Scope[];
}
interface Scope {
  parent: GraphQLCompositeType;
  set: SelectionSetNode;
}

class Check {
  readonly #schema: GraphQLSchema;
  readonly #document: DocumentNode;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #isGiven: (type: string, field: string) => boolean;
  #problem: string | undefined;

  constructor(
    schema: GraphQLSchema,
    document: DocumentNode,
    isGiven: (type: string, field: string) => boolean,
  ) {
    this.#schema = schema;
    this.#isGiven = isGiven;
    this.#document = document;
    this.#fragments = new Map(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
      ),
    );
  }

  problem(): string | undefined {
    for (const node of this.#document.definitions) {
      const parent = node.kind === Kind.OPERATION_DEFINITION && this.#schema.getRootType(node.operation);
      if (parent) this.#look([{ parent, set: node.selectionSet }]);
    }
    return this.#problem;
  }

  /** Looks at what is selected of one object, through fragments of all its types. */
  #look(scopes: readonly Scope[]): void {
    const fields = new Map<string, Selected>();
    for (const scope of scopes) this.#collect(scope, fields);
    for (const { below } of fields.values())
      if (below.length > 0 && this.#problem === undefined) this.#look(below);
  }

  #collect({ parent, set }: Scope, fields: Map<string, Selected>): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        this.#collectField(selection, parent, fields);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
      const condition = fragment?.typeCondition && typeFromAST(this.#schema, fragment.typeCondition);
      const inner = condition && isCompositeType(condition) ? condition : parent;
      if (!doTypesOverlap(this.#schema, parent, inner))
        this.#problem ??= `a fragment on ${inner.name} where nothing but ${parent.name} can be`;
      if (fragment) this.#collect({ parent: inner, set: fragment.selectionSet }, fields);
    }
  }

  #collectField(
    { name, alias = name, selectionSet }: FieldNode,
    parent: GraphQLCompositeType,
    fields: Map<string, Selected>,
  ): void {
    // The fields of the federation protocol stand in no supergraph.
    if (name.value === "_entities") this.#lookAtEntities(selectionSet);
    if (!this.#isGiven(parent.name, name.value))
      this.#problem ??= `${parent.name}.${name.value}, which is external there,`;
    const type = "getFields" in parent ? parent.getFields()[name.value]?.type : undefined;
    if (type) this.#add(fields, alias.value, { type, set: selectionSet });
  }

  #lookAtEntities(set: SelectionSetNode | undefined): void {
    const scopes = (set?.selections ?? []).flatMap((selection): Scope[] => {
      if (selection.kind !== Kind.INLINE_FRAGMENT || !selection.typeCondition) return [];
      const parent = typeFromAST(this.#schema, selection.typeCondition);
      return parent && isCompositeType(parent) ? [{ parent, set: selection.selectionSet }] : [];
    });
    // Entities of different types come in one list, so that their fields have to agree, too.
    this.#look(scopes);
  }

  #add(
    fields: Map<string, Selected>,
    key: string,
    { type, set }: { type: GraphQLOutputType; set: SelectionSetNode | undefined },
  ): void {
    const named = getNamedType(type);
    const below = set && isCompositeType(named) ? [{ parent: named, set }] : [];
    const known = fields.get(key);
    if (!known) return void fields.set(key, { type, below });
    if (!haveOneShape(known.type, type))
      this.#problem ??= `"${key}" is both ${String(known.type)} and ${String(type)}`;
    known.below.push(...below);
  }
}

/** Whether one response name may stand for fields of both types. */
function haveOneShape(one: GraphQLOutputType, other: GraphQLOutputType): boolean {
  if (isNonNullType(one) || isNonNullType(other))
    return isNonNullType(one) && isNonNullType(other) && haveOneShape(one.ofType, other.ofType);
  if (isListType(one) || isListType(other))
    return isListType(one) && isListType(other) && haveOneShape(one.ofType, other.ofType);
  return one === other || (isCompositeType(one) && isCompositeType(other));
}
