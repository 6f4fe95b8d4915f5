import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { PlanCacheFigures } from "../execution/engine.ts";
import type { SubgraphHealth } from "../transport/guard.ts";
import type { RequestFigures, SubscriptionFigures } from "./readings.ts";
import type { SlowOperation } from "./slow-operations.ts";

/** What the gateway tells of itself. */
export interface GatewayView {
  instance: string;
  startedAt: Date;
  supergraph(): { id: string; loadedAt: Date; lastError: string | null };
  subgraphs(): Promise<SubgraphHealth[]>;
  /**
   * The health of one subgraph or of all, at once and after every change.
   *
   * @throws CodedError NOT_FOUND when the supergraph has no such subgraph
   */
  watchSubgraphs(name?: string): AsyncIterableIterator<SubgraphHealth>;
  planCache(): PlanCacheFigures;
  subscriptions(): Promise<SubscriptionFigures>;
  requests(): Promise<RequestFigures>;
  /** Slowest first. */
  slowOperations(): SlowOperation[];
}

export interface Context {
  caller: Caller;
  gateway: GatewayView;
}
