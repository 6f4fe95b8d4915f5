import {
  Kind,
  OperationTypeNode,
  parse,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { LoadedSupergraph } from "../../../supergraph/supergraph.ts";
import { fetchesOf, type Plan, type PlanNode, type PlanRequest } from "../../plan.ts";
import { lazily } from "../../receive.ts";
import { fragmentsOf } from "../../decided.ts";
import { followPlan } from "./follow-plan.ts";
import { holds, namesAt, responseName, type Known, type Moment, type Place } from "./knowledge.ts";
import { Problem } from "./problem.ts";
import type { SubgraphViews } from "./subgraph-view.ts";

/**
 * Why it is not certain that a plan brings everything that an operation selects; undefined when it is. Takes the document of
 * the operation from whoever has parsed it already.
 */
export type FindGap = (request: PlanRequest, plan: Plan, parsed?: DocumentNode) => string | undefined;

/**
 * Proves plans before they are used: follows what each fetch brings of every object that may be there, and looks whether
 * all that the operation selects is there in the end, each field from a subgraph that has it and was given what it needs.
 */
export function createProof(supergraph: LoadedSupergraph, viewsOf: () => SubgraphViews): FindGap {
  const rootTypes = lazily(() => rootTypesIn(supergraph.document));
  return ({ text, labels, percentile }, plan, document = parse(text, { noLocation: true })) => {
    const [definition] = document.definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) return "there is no operation";
    const rootType = rootTypes()[definition.operation];
    const { isOfType, apiSchema } = supergraph;
    const context = { views: viewsOf(), isOfType, choice: { labels, percentile } };
    try {
      const known = followPlan(plan, rootType, context);
      const answer = new AnswerCheck({ ...context, fragments: fragmentsOf(document), isSeen });
      answer.check(known, rootType, [definition.selectionSet]);
      if (definition.operation === OperationTypeNode.MUTATION) checkOrder(definition, plan);
    } catch (error) {
      if (error instanceof Problem) return error.message;
      throw error;
    }
    return undefined;

    function isSeen(type: string): boolean {
      return apiSchema.getType(type) !== undefined;
    }
  };
}

interface AnswerContext {
  views: SubgraphViews;
  isOfType: LoadedSupergraph["isOfType"];
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Whether clients know a type. */
  isSeen: (type: string) => boolean;
}

/** Whether all that an operation selects is known. */
class AnswerCheck {
  readonly #context: AnswerContext;
  readonly #atTheEnd: Moment;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#atTheEnd = { isBefore: () => true, isBeside: () => false, isOfType: context.isOfType };
  }

  check(place: Place, promised: string, sets: readonly SelectionSetNode[]): void {
    const { views, isSeen } = this.#context;
    const asksForType = views.isAbstract(promised) && sets.some((set) => this.#dependsOnType(set, promised));
    for (const [type, known] of place) {
      if (!isSeen(type)) continue;
      const isCertain = !views.isAbstract(promised) || this.#isCertain(type, known);
      if (asksForType && !isCertain) throw new Problem(`the type of a ${type} is not fetched`);
      const isRead = { type, known, readAs: isCertain ? type : promised };
      for (const [key, nodes] of this.#fieldsOf(type, sets)) this.#checkField(isRead, key, nodes);
    }
  }

  #isCertain = (type: string, known: Known): boolean =>
    namesAt(known, this.#atTheEnd).every((name) => name === type);

  #checkField(
    { type, known, readAs }: { type: string; known: Known; readAs: string },
    key: string,
    nodes: readonly FieldNode[],
  ): void {
    const [node] = nodes;
    if (!node || node.name.value === "__typename") return;
    const entry = known.entries.get(key);
    if (!entry) throw new Problem(`${type}.${node.name.value} is not fetched`);
    if (!holds(entry, node, this.#atTheEnd))
      throw new Problem(`"${key}" of a ${type} is something else than the operation means`);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (sets.length === 0) return;
    this.check(entry.below, this.#context.views.namedTypeOf(readAs, node.name.value) ?? type, sets);
  }

  #fieldsOf(type: string, sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
    const found = new Map<string, FieldNode[]>();
    const collect = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) {
          const key = responseName(selection);
          found.set(key, [...(found.get(key) ?? []), selection]);
          continue;
        }
        const fragment = this.#fragment(selection);
        const condition = fragment?.typeCondition?.name.value;
        if (fragment && (condition === undefined || this.#context.isOfType(type, condition)))
          collect(fragment.selectionSet);
      }
    };
    for (const set of sets) collect(set);
    return found;
  }

  /** Whether what is selected is not the same for all objects of an abstract type. */
  #dependsOnType = ({ selections }: SelectionSetNode, type: string): boolean =>
    selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value === "__typename";
      const fragment = this.#fragment(selection);
      const condition = fragment?.typeCondition?.name.value ?? type;
      return condition !== type || (!!fragment && this.#dependsOnType(fragment.selectionSet, type));
    });

  #fragment = (selection: Exclude<SelectionSetNode["selections"][number], FieldNode>) =>
    selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#context.fragments.get(selection.name.value);
}

/** Checks that the fields of a mutation are executed one after the other, in their order. */
function checkOrder({ selectionSet }: OperationDefinitionNode, plan: Plan): void {
  const roots = (node: PlanNode | undefined): string[] => {
    if (node?.kind === "parallel" && node.nodes.filter((each) => isMutating(each)).length > 1)
      throw new Problem("parts of a mutation are executed at once");
    return node && "nodes" in node ? node.nodes.flatMap(roots) : rootKeys(node);
  };
  const executed = roots(plan.node);
  const wanted = [...new Set(keysIn(selectionSet))];
  if (executed.join() !== wanted.join()) throw new Problem("a mutation is executed in another order");
}

const isMutating = (node: PlanNode): boolean =>
  fetchesOf(node).some(({ operationKind }) => operationKind === "mutation");

const rootKeys = (node: PlanNode | undefined): string[] => {
  if (node?.kind !== "fetch") return [];
  const [definition] = parse(node.operation, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? keysIn(definition.selectionSet) : [];
};

/** The names of root fields; there is one root type, so fragments change nothing. */
const keysIn = ({ selections }: SelectionSetNode): string[] =>
  selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD)
      return selection.name.value === "__typename" ? [] : [responseName(selection)];
    return selection.kind === Kind.INLINE_FRAGMENT ? keysIn(selection.selectionSet) : [];
  });

function rootTypesIn({ definitions }: DocumentNode): Record<OperationTypeNode, string> {
  const types = { query: "Query", mutation: "Mutation", subscription: "Subscription" };
  for (const node of definitions)
    if (node.kind === Kind.SCHEMA_DEFINITION)
      for (const { operation, type } of node.operationTypes) types[operation] = type.name.value;
  return types;
}
