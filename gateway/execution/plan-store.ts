import { operationFromDocument } from "@apollo/federation-internals";
import { buildOperationContext } from "@apollo/gateway";
import { QueryPlanner, type FetchNode, type PlanNode, type QueryPlan } from "@apollo/query-planner";
import { print } from "graphql";
import type { LoadedSupergraph } from "../supergraph.ts";
import type { Operation } from "./engine.ts";

/** What the planner made of an operation. */
export interface Planned {
  context: ReturnType<typeof buildOperationContext>;
  /** For a query or mutation, the plan; for a subscription, what to do for each event. */
  plan: QueryPlan;
  /** The fetch that opens the subscription; absent for queries and mutations. */
  trigger?: FetchNode;
}

/** The subgraph name under which an event is put into the plan that completes it. */
export const EVENT_SOURCE = "@event";

const CAPACITY = 1_000;

/** Plans operations and keeps the plans, least recently used out first. */
export function createPlanStore(loaded: LoadedSupergraph): (operation: Operation) => Planned {
  const planner = new QueryPlanner(loaded.supergraph);
  const plans = new Map<string, Planned>();
  return (operation) => {
    const key = `${operation.definition.name?.value ?? ""}\n${print(operation.document)}`;
    const planned = plans.get(key) ?? planOperation(operation, loaded, planner);
    plans.delete(key);
    plans.set(key, planned);
    if (plans.size > CAPACITY) plans.delete(plans.keys().next().value ?? "");
    return planned;
  };
}

function planOperation(
  { document, definition }: Operation,
  loaded: LoadedSupergraph,
  planner: QueryPlanner,
): Planned {
  const operationName = definition.name?.value;
  const named = operationName === undefined ? {} : { operationName };
  const plan = planner.buildQueryPlan(operationFromDocument(loaded.federationApiSchema, document, named));
  const context = buildOperationContext({ schema: loaded.apiSchema, operationDocument: document, ...named });
  if (plan.node?.kind !== "Subscription") return { context, plan };
  const { primary, rest } = plan.node;
  return { context, plan: eventPlan(primary, rest), trigger: primary };
}

/** The event takes the place of the primary fetch; what the planner wants after it stays as it is. */
function eventPlan(primary: FetchNode, rest: PlanNode | undefined): QueryPlan {
  const event: FetchNode = { ...primary, serviceName: EVENT_SOURCE };
  return { kind: "QueryPlan", node: rest ? { kind: "Sequence", nodes: [event, rest] } : event };
}
