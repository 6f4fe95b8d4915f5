import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { PlanCacheFigures } from "../execution/engine.ts";
import type { SubgraphHealth } from "../transport/guard.ts";
import type { RequestFigures, SubscriptionFigures } from "./readings.ts";
import type { SharedStream } from "../subscriptions/triggers.ts";
import type { Demo } from "./demo.ts";
import type { GatewayHistory } from "./history.ts";

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
  /** Those that most listen to first. */
  streams(): SharedStream[];
  /** @throws CodedError BAD_USER_INPUT */
  history(asked: { from: Date; to: Date | undefined }): GatewayHistory;
  /** For people; null for an operation that was not asked lately, or that the supergraph does not allow any more. */
  operationPlan(name: string): Promise<string | null>;
}

export interface Context {
  caller: Caller;
  gateway: GatewayView;
  /** Undefined where no demo runs. */
  demo: Demo | undefined;
}
