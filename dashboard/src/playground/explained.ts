/*
 * What the gateway says in `extensions.explain`, as in docs/protocol.md. Times are milliseconds.
 */

export interface PlannedFetch {
  kind: "fetch" | "entities";
  id: number;
  subgraph: string;
  operation: string;
  paths?: readonly string[];
}

export type PlanPart =
  | PlannedFetch
  | { kind: "sequence" | "parallel"; nodes: readonly PlanPart[] }
  | { kind: "subscription"; trigger: PlannedFetch; rest: PlanPart | null };

export interface Fetched {
  id: number | null;
  subgraph: string;
  startedMs: number;
  durationMs: number;
  sentBytes: number;
  receivedBytes: number | null;
  entities: number | null;
  failure: string | null;
}

export interface Explained {
  planningMs: number | null;
  executionMs: number;
  plan: PlanPart | null;
  fetches: readonly Fetched[];
}
