import type { OverrideChoice } from "../supergraph/overrides.ts";

/*
 * A plan as the executor understands it, whichever planner made it. Conditions are decided before anything is planned, so
 * no plan has any.
 */

/** A step down from the root of the data: a response name, `@` for each element of a list, or "only objects of these types". */
type PathStep = string | { types: readonly string[] };

export type PlanPath = readonly PathStep[];

/** What has to be known of an object to ask another subgraph about it. */
export type RequiredSelection =
  | {
      kind: "field";
      /** Its name in the data. */
      key: string;
      /** Its name in the representation. */
      sentAs: string;
      selections?: readonly RequiredSelection[];
    }
  | { kind: "fragment"; type: string; selections: readonly RequiredSelection[] };

/** A change to objects that are sent or received. */
export type Rewrite =
  | { kind: "rename"; path: PlanPath; key: string; to: string }
  | { kind: "set"; path: PlanPath; key: string; value: unknown };

/** What all requests to subgraphs have. */
export interface PlannedRequest {
  subgraph: string;
  /** The document that is sent. */
  operation: string;
  operationName: string | undefined;
  operationKind: "query" | "mutation" | "subscription";
  /** The client's variables that it uses. */
  variables: readonly string[];
}

/** A request for root fields. */
export interface RootFetch extends PlannedRequest {
  kind: "fetch";
  renames: readonly Rewrite[];
}

/** An argument whose value stands somewhere above the entity (`@fromContext`). */
export interface ContextArgument {
  /** How many fields to go up from the entity. */
  up: number;
  /** From there down to the value, with the types that each way holds for. */
  path: PlanPath;
  variable: string;
}

/** Entities of one list of representations in a request. */
export interface EntityGroup {
  /** The response name of `_entities`. */
  alias: string;
  /** The variable that takes the representations. */
  variable: string;
  /** Where the entities stand in the data. */
  paths: readonly PlanPath[];
  requires: readonly RequiredSelection[];
  /** Done to each representation. */
  inputRewrites: readonly Rewrite[];
  /** Done to each entity that comes back. */
  renames: readonly Rewrite[];
  contextArguments: readonly ContextArgument[];
}

/** A request for entities, in one group or more. */
export interface EntityFetch extends PlannedRequest {
  kind: "entities";
  groups: readonly EntityGroup[];
}

export type FetchNode = RootFetch | EntityFetch;

export type PlanNode = FetchNode | { kind: "sequence" | "parallel"; nodes: readonly PlanNode[] };

/** What is fetched for an operation. */
export interface Plan {
  /** What to fetch; undefined when nothing is. For a subscription, what to fetch for each event. */
  node: PlanNode | undefined;
  /** The request that opens a subscription. */
  trigger?: RootFetch;
  /** What to fetch for each deferred part, by its id, once that around it is there; that stands before it. */
  deferred?: ReadonlyMap<string, PlanNode | undefined>;
}

/** What a planner is asked. */
export interface PlanRequest extends OverrideChoice {
  /** A document with one operation, without `@include` and `@skip`. */
  text: string;
  /** Whether `@defer` splits the plan. */
  isDeferred?: boolean;
  /** Whom limits count it by; nobody for what the gateway plans by itself. */
  limitKey?: string | undefined;
}

/** Makes plans for one supergraph. */
export interface Planner {
  name: "native" | "apollo";
  /** @throws Error when it cannot plan the operation */
  plan: (request: PlanRequest) => Plan;
  /** The same away from the event loop, as far as the planner knows how. */
  planAsync: (request: PlanRequest) => Promise<Plan>;
}

/** All fetches of a plan, in the order of the plan. */
export function fetchesOf(node: PlanNode | undefined): FetchNode[] {
  if (!node) return [];
  return "nodes" in node ? node.nodes.flatMap(fetchesOf) : [node];
}

/** Nodes one after the other; undefined for none. */
export function sequenceOf(nodes: readonly (PlanNode | undefined)[]): PlanNode | undefined {
  const present = nodes.filter((node) => node !== undefined);
  return present.length > 1 ? { kind: "sequence", nodes: present } : present[0];
}
