import type { DocumentNode, ExecutionResult, GraphQLError, OperationDefinitionNode } from "graphql";
import type { Caller, GraphQLEndpoint, GraphQLRequest } from "../../lib/graphql-endpoint.ts";
import type { Deliver } from "./payload.ts";
import type { LoadedSupergraph } from "../supergraph/supergraph.ts";
import { parseForText } from "./json.ts";
import type { OverrideSettings } from "../supergraph/overrides.ts";
import type { ExplainedPlan } from "./explanation.ts";
import type { Planner } from "./plan.ts";

/** An operation that has been parsed, validated against the API schema and authorised. */
export interface Operation {
  document: DocumentNode;
  definition: OperationDefinitionNode;
  /** Raw variables as the client sent them. */
  variables: Readonly<Record<string, unknown>>;
  /** Whether the answer is to say how it came about, in `extensions.explain`. */
  explains?: boolean;
}

/** How an answer came about: copied out of the subgraphs' text, or put together from what they gave. */
export type ExecutionPath = "splice" | "compiled";

/** An answer with its `data` as JSON text. */
export interface Answer {
  path: ExecutionPath;
  /** Absent where nothing was executed, because the request is wrong. */
  data?: string;
  /** At least one, when there are any. */
  errors?: readonly GraphQLError[];
  extensions?: Record<string, unknown> | undefined;
}

/** Runs operations of one supergraph. The rest of the gateway knows nothing of plans. */
export interface ExecutionEngine {
  /** Runs a query or mutation; never rejects for errors of the request or of a subgraph. */
  execute(operation: Operation, caller: Caller): Promise<ExecutionResult>;
  /** The same for those who pass the answer on as text. */
  executeText(operation: Operation, caller: Caller): Promise<Answer>;
  /**
   * The same for those who take an answer in parts: first without what is deferred with `@defer`, then that as it comes;
   * in one piece, without `hasNext`, when nothing is deferred.
   */
  executeInParts(operation: Operation, caller: Caller, deliver: Deliver): Promise<void>;
  /**
   * Plans a subscription away from the event loop, for `planSubscription` to find its plan; undefined when it is there. That
   * no planner plans it is for `planSubscription` to say.
   *
   * @throws CodedError RATE_LIMITED when too many operations of the caller wait to be planned
   */
  planAhead(operation: Operation, limitKey?: string): Promise<void> | undefined;
  /** The plan of a subscription, which opens nothing; what is wrong with it comes back as a result with errors. */
  planSubscription(operation: Operation): SubscriptionPlan | ExecutionResult;
  /** Plans operations ahead of their first request; those that the supergraph does not allow are left out. */
  warm(documents: Iterable<string>): Promise<void>;
  /** The text of operations that are planned already, the most recently used last. */
  planned(): string[];
  planCache(): PlanCacheFigures;
  /**
   * How an operation of a document is planned where all its `@include`s are false: null where nothing is fetched,
   * undefined where the supergraph does not allow it.
   */
  planOf(text: string, name: string): Promise<ExplainedPlan | null | undefined>;
}

/** Plans in store, and how often one was there when it was needed. */
export interface PlanCacheFigures {
  size: number;
  capacity: number;
  hits: number;
  misses: number;
}

/** A subscription in two parts: where its events come from, and how each becomes a complete result. */
export interface SubscriptionPlan {
  /** The subgraph whose events start everything. */
  subgraph: string;
  /** What to ask it; variables are coerced and limited to those that it uses. */
  request: Omit<GraphQLRequest, "caller">;
  /** An event of that subgraph with everything added that other subgraphs know. */
  complete(event: ExecutionResult, caller: Caller): Promise<ExecutionResult>;
}

export const isSubscriptionPlan = (plan: SubscriptionPlan | ExecutionResult): plan is SubscriptionPlan =>
  "complete" in plan;

export interface EngineDependencies {
  supergraph: LoadedSupergraph;
  /** The endpoint of a subgraph by its name in the supergraph. */
  endpointOf: (name: string) => GraphQLEndpoint;
  /** Told of every execution. */
  onPath?: (path: ExecutionPath) => void;
  /** Longest time for one operation, in milliseconds; without one, only single fetches are limited. */
  timeoutMs?: number;
  /** Plans that are kept at most. */
  planCapacity?: number;
  /** Makes the plans; default: the native planner where it can. */
  planner?: Planner;
  /** How requests get their labels of `@override`; default: from their tokens alone. */
  overrides?: OverrideSettings | undefined;
}

/** An answer as the result that GraphQL knows. */
export function resultOf({ data, errors, extensions }: Answer): ExecutionResult {
  return {
    ...(errors && { errors }),
    ...(data !== undefined && { data: parseForText(data) as ExecutionResult["data"] }),
    ...(extensions && { extensions }),
  } as ExecutionResult;
}
