import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  parse,
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";
import { linkedFeatures } from "../../../lib/linked-features.ts";
import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import { fragmentsOf } from "../decided.ts";
import type { Plan, PlanRequest, RootFetch } from "../plan.ts";
import type { FindGap } from "./proof/prove-plan.ts";
import type { SubgraphViews } from "./proof/subgraph-view.ts";

/**
 * The plan of an operation that one subgraph can answer alone: the operation itself, sent there. Most operations are of this
 * kind, and none of them needs a planner. Undefined for all others, and for what cannot be proved.
 */
export type PlanAlone = (request: PlanRequest) => Plan | undefined;

/** Before these, supergraphs do not say which subgraph knows which members of which type. */
const TOO_OLD = /^https:\/\/specs\.apollo\.dev\/join\/v0\.[12]$/;

export function createPlanAlone(
  { document: supergraph, apiSchema, subgraphs, eventStreams }: LoadedSupergraph,
  { views, gapIn }: { views: () => SubgraphViews; gapIn: FindGap },
): PlanAlone {
  if (linkedFeatures(supergraph).some(({ url }) => TOO_OLD.test(url))) return () => undefined;
  const streams = [...eventStreams.values()].map(({ subgraph }) => subgraph);
  const names = [...subgraphs.map(({ name }) => name), ...streams];
  return (request) => {
    if (request.isDeferred === true) return undefined;
    const document = parse(request.text);
    const [operation] = document.definitions;
    const root = operation?.kind === Kind.OPERATION_DEFINITION && apiSchema.getRootType(operation.operation);
    if (!root || operation?.kind !== Kind.OPERATION_DEFINITION) return undefined;
    for (const name of names) {
      const look = new Look({ schema: apiSchema, views: views(), subgraph: name, request, document });
      if (!look.isHeld(operation.selectionSet, root)) continue;
      const fetch = fetchOf(request.text, operation, { subgraph: name, root: root.name, look });
      const plan =
        fetch.operationKind === "subscription" ? { trigger: fetch, node: undefined } : { node: fetch };
      if (gapIn(request, plan, document) === undefined) return plan;
    }
    return undefined;
  };
}

interface Looking {
  schema: GraphQLSchema;
  views: SubgraphViews;
  subgraph: string;
  request: PlanRequest;
  document: DocumentNode;
}

/** Looks whether a subgraph has all that is selected, and what has to be changed before it is asked. */
class Look {
  /** Where in the text selections of abstract types begin that do not ask which type it is. */
  readonly open: number[] = [];
  readonly variables = new Set<string>();
  readonly #at: Looking;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #seen = new Set<string>();

  constructor(at: Looking) {
    this.#at = at;
    this.#fragments = fragmentsOf(at.document);
  }

  isHeld({ selections, loc }: SelectionSetNode, parent: GraphQLCompositeType): boolean {
    const { views, subgraph } = this.#at;
    if (!views.has(subgraph, parent.name)) return false;
    // An interface that is an object there tells nothing of its objects.
    if (views.possible(subgraph, parent.name).some(({ type, name }) => type !== name)) return false;
    let asksForType = false;
    for (const selection of selections) {
      for (const { arguments: given = [] } of selection.directives ?? []) this.#useVariablesIn(given);
      if (selection.kind === Kind.FIELD && selection.name.value === "__typename") asksForType = true;
      else if (!this.#isSelectionHeld(selection, parent)) return false;
    }
    if (isAbstractType(parent) && !asksForType && loc) this.open.push(loc.start + 1);
    return true;
  }

  #isSelectionHeld(selection: SelectionNode, parent: GraphQLCompositeType): boolean {
    if (selection.kind === Kind.FIELD) return this.#isFieldHeld(selection, parent);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#isSpreadHeld(selection.name.value);
    const { typeCondition, selectionSet } = selection;
    return this.#isFragmentHeld(typeCondition?.name.value ?? parent.name, selectionSet);
  }

  #isFieldHeld(
    { name, selectionSet, arguments: given = [] }: FieldNode,
    parent: GraphQLCompositeType,
  ): boolean {
    const { views, subgraph, request } = this.#at;
    this.#useVariablesIn(given);
    const view = views.fieldOf(subgraph, parent.name, name.value);
    if (!view?.isOwn(request) || view.requires || view.contextArguments.size > 0) return false;
    const type = "getFields" in parent ? parent.getFields()[name.value]?.type : undefined;
    if (!selectionSet || !type) return type !== undefined;
    const named = getNamedType(type);
    return isCompositeType(named) && this.isHeld(selectionSet, named);
  }

  #isFragmentHeld(condition: string, set: SelectionSetNode): boolean {
    const type = this.#at.schema.getType(condition);
    return isCompositeType(type) && this.isHeld(set, type);
  }

  #isSpreadHeld(name: string): boolean {
    const fragment = this.#fragments.get(name);
    if (!fragment || this.#seen.has(name)) return fragment !== undefined;
    this.#seen.add(name);
    return this.#isFragmentHeld(fragment.typeCondition.name.value, fragment.selectionSet);
  }

  #useVariablesIn(given: readonly ArgumentNode[]): void {
    const open: ValueNode[] = given.map(({ value }) => value);
    for (let value = open.pop(); value; value = open.pop()) {
      if (value.kind === Kind.VARIABLE) this.variables.add(value.name.value);
      if (value.kind === Kind.LIST) open.push(...value.values);
      if (value.kind === Kind.OBJECT) open.push(...value.fields.map((field) => field.value));
    }
  }
}

/** The request: the text as it is, but for variables that are not used, and type names that we need. */
function fetchOf(
  text: string,
  { operation, variableDefinitions = [], selectionSet }: OperationDefinitionNode,
  { subgraph, root, look }: { subgraph: string; root: string; look: Look },
): RootFetch {
  const used = variableDefinitions.filter(({ variable }) => look.variables.has(variable.name.value));
  const head = used.map(({ loc }) => text.slice(loc?.start, loc?.end)).join(" ");
  const start = selectionSet.loc?.start ?? 0;
  // A subgraph may call its root type otherwise, and fragments at the root are on nothing else.
  const opened = withTypeNames(text, look.open, start).replaceAll(`...on ${root}{`, "...{");
  return {
    kind: "fetch",
    subgraph,
    operation: `${operation}${head && `(${head})`}${opened}`,
    operationName: undefined,
    operationKind: operation,
    variables: used.map(({ variable }) => variable.name.value),
    renames: [],
  };
}

function withTypeNames(text: string, places: readonly number[], start: number): string {
  let result = "";
  let from = start;
  for (const place of places.toSorted((a, b) => a - b)) {
    result += `${text.slice(from, place)}__typename `;
    from = place;
  }
  return result + text.slice(from);
}
