import { operationFromDocument, type Operation as FederationOperation } from "@apollo/federation-internals";
import { buildOperationContext } from "@apollo/gateway";
import { QueryPlanner, type FetchNode, type PlanNode, type QueryPlan } from "@apollo/query-planner";
import { print, type DocumentNode } from "graphql";
import type { LoadedSupergraph } from "../supergraph.ts";
import type { Operation } from "./engine.ts";

/** What the planner made of an operation. */
export interface Planned {
  context: ReturnType<typeof buildOperationContext>;
  /** The operation as the planner and Apollo's executor see it. */
  operation: FederationOperation;
  /** For a query or mutation, the plan; for a subscription, what to do for each event. */
  plan: QueryPlan;
  /** The fetch that opens the subscription; absent for queries and mutations. */
  trigger?: FetchNode;
}

/** The subgraph name under which an event is put into the plan that completes it. */
export const EVENT_SOURCE = "@event";

/** Plans that are kept; beyond that the least recently used ones go. */
const CAPACITY = 1_000;

export type Plannable = Pick<Operation, "document" | "definition">;

/** Everything that is made once of an operation. */
export interface PlanStore<T> {
  get(operation: Plannable): T;
  /** The text of the operations in store, the most recently used last. */
  texts(): string[];
}

/** Plans operations, lets `finish` make more of each plan, and keeps that. */
export function createPlanStore<T>(loaded: LoadedSupergraph, finish: (planned: Planned) => T): PlanStore<T> {
  const planner = new QueryPlanner(loaded.supergraph);
  const byText = new Map<string, { text: string; made: T }>();
  // Whoever holds a parsed document keeps what belongs to it; printing it costs more than executing it.
  const byDocument = new WeakMap<DocumentNode, Map<string, T>>();

  const find = (operation: Plannable, name: string): T => {
    const text = print(operation.document);
    const key = `${name}\n${text}`;
    const entry = byText.get(key) ?? { text, made: finish(planOperation(operation, loaded, planner)) };
    byText.delete(key);
    byText.set(key, entry);
    if (byText.size > CAPACITY) byText.delete(byText.keys().next().value ?? "");
    return entry.made;
  };

  return {
    get: (operation) => {
      const name = operation.definition.name?.value ?? "";
      const known = byDocument.get(operation.document) ?? new Map<string, T>();
      const made = known.get(name) ?? find(operation, name);
      known.set(name, made);
      byDocument.set(operation.document, known);
      return made;
    },
    texts: () => [...byText.values()].map(({ text }) => text),
  };
}

function planOperation(
  { document, definition }: Plannable,
  loaded: LoadedSupergraph,
  planner: QueryPlanner,
): Planned {
  const operationName = definition.name?.value;
  const named = operationName === undefined ? {} : { operationName };
  const operation = operationFromDocument(loaded.federationApiSchema, document, named);
  const plan = planner.buildQueryPlan(operation);
  const context = buildOperationContext({ schema: loaded.apiSchema, operationDocument: document, ...named });
  if (plan.node?.kind !== "Subscription") return { context, operation, plan };
  const { primary, rest } = plan.node;
  return { context, operation, plan: eventPlan(primary, rest), trigger: primary };
}

/** The event takes the place of the primary fetch; what the planner wants after it stays as it is. */
function eventPlan(primary: FetchNode, rest: PlanNode | undefined): QueryPlan {
  const event: FetchNode = { ...primary, serviceName: EVENT_SOURCE };
  return { kind: "QueryPlan", node: rest ? { kind: "Sequence", nodes: [event, rest] } : event };
}
