import {
  Kind,
  OperationTypeNode,
  parse,
  print,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import {
  fetchesOf,
  sequenceOf,
  type FetchNode,
  type Plan,
  type Planner,
  type PlanNode,
  type PlanRequest,
  type RootFetch,
} from "../plan.ts";
import { keysIn } from "../receive.ts";
import { expanded } from "./expanded.ts";
import { isPassing } from "../../../lib/errors.ts";
import { PlannerEnded } from "./planner-process.ts";
import type { FindGap } from "./proof/prove-plan.ts";

/** How often an operation is halved: so many times two parts are few enough to wait for. */
const MOST_HALVINGS = 4;

/**
 * Plans an operation that no planner could plan as the plans of its halves, because planners fail at what comes together
 * rather than at what stands alone. Halves that make different requests for one root field are not taken: two requests for
 * one list could find it changed in between.
 */
export function createPlanInParts(
  { apiSchema }: { apiSchema: GraphQLSchema },
  { planAsync, gapIn }: Pick<Planner, "planAsync"> & { gapIn: FindGap },
): Planner["planAsync"] {
  const planHalves = async (request: PlanRequest, problem: unknown, halvings: number): Promise<Plan> => {
    const mayHalve = halvings < MOST_HALVINGS && !isFinal(problem);
    const halves = mayHalve ? halvesOf(request.text) : undefined;
    if (!halves) throw problem;
    const plans = await Promise.all(
      halves.map(async (text) => {
        const half = { ...request, text };
        return planAsync(half).catch((error: unknown) => planHalves(half, error, halvings + 1));
      }),
    );
    const joined = joinedPlan(plans);
    if (!joined || gapIn(request, joined) !== undefined) throw problem;
    return joined;
  };
  return (request) =>
    planAsync(request).catch((error: unknown) => {
      if (request.isDeferred || isFinal(error)) throw error;
      return planHalves({ ...request, text: expanded(apiSchema, request.text) }, error, 0);
    });
}

/** Halves would end the planner as well, or wait like the whole. */
const isFinal = (problem: unknown): boolean => problem instanceof PlannerEnded || isPassing(problem);

/**
 * A query without fragment definitions as two: each with half of the root fields; of a single one, each with half of its
 * leaves.
 */
function halvesOf(text: string): [string, string] | undefined {
  const [definition] = parse(text, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION || definition.operation !== OperationTypeNode.QUERY)
    return undefined;
  const names = [...new Set(definition.selectionSet.selections.map(rootName))];
  const firstNames = new Set(names.slice(0, Math.ceil(names.length / 2)));
  const half = Math.ceil(leavesIn(definition.selectionSet) / 2);
  const isInFirst = (nth: number, root: string) => (names.length > 1 ? firstNames.has(root) : nth < half);
  const first = leavesOf(definition, isInFirst);
  const second = leavesOf(definition, (nth, root) => !isInFirst(nth, root));
  return first !== undefined && second !== undefined ? [first, second] : undefined;
}

const leavesIn = ({ selections }: SelectionSetNode): number =>
  selections.reduce((sum, each) => {
    const inside = "selectionSet" in each ? each.selectionSet : undefined;
    return sum + (inside ? leavesIn(inside) : 1);
  }, 0);

/** The operation with some of its leaves, told by their number in the text and their root field; undefined for none. */
function leavesOf(
  definition: OperationDefinitionNode,
  isKept: (nth: number, root: string) => boolean,
): string | undefined {
  let nth = -1;
  const keep = (each: SelectionNode, root: string): SelectionNode[] => {
    const inside = "selectionSet" in each ? each.selectionSet : undefined;
    if (!inside) {
      nth += 1;
      return isKept(nth, root) ? [each] : [];
    }
    const kept = inside.selections.flatMap((below) => keep(below, root));
    const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: kept };
    return kept.length > 0 ? [{ ...each, selectionSet } as SelectionNode] : [];
  };
  const selections = definition.selectionSet.selections.flatMap((each) => keep(each, rootName(each)));
  if (selections.length === 0) return undefined;
  // A name would make different requests of equal ones.
  const { name: _, ...nameless } = definition;
  return print({ ...nameless, selectionSet: { kind: Kind.SELECTION_SET, selections } });
}

const rootName = (root: SelectionNode): string =>
  root.kind === Kind.FIELD ? (root.alias ?? root.name).value : "";

/**
 * One plan for several. A request for root fields that several make is made once; undefined where two ask for the same
 * root field in different requests.
 */
function joinedPlan(plans: readonly Plan[]): Plan | undefined {
  const requests: RootFetch[] = [];
  const nodes: (PlanNode | undefined)[] = [];
  for (const { node } of plans) {
    const own = fetchesOf(node).filter((each) => each.kind === "fetch");
    const more = own.filter((each) => !requests.some((known) => isEqual(known, each)));
    const asked = new Set(requests.flatMap(({ operation }) => [...keysIn(operation)]));
    if (more.some(({ operation }) => [...keysIn(operation)].some((key) => asked.has(key)))) return undefined;
    requests.push(...more);
    nodes.push(node && only(node, (each) => each.kind !== "fetch" || more.includes(each)));
  }
  return { node: sequenceOf(nodes) };
}

/** What is left of a plan with some of its fetches. */
function only(node: PlanNode, isKept: (fetch: FetchNode) => boolean): PlanNode | undefined {
  if (!("nodes" in node)) return isKept(node) ? node : undefined;
  const nodes = node.nodes.flatMap((each) => only(each, isKept) ?? []);
  return nodes.length > 0 ? { ...node, nodes } : undefined;
}

const isEqual = (one: PlanNode, other: PlanNode): boolean => JSON.stringify(one) === JSON.stringify(other);
