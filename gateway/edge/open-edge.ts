import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import type { Log } from "../../lib/log.ts";
import { createEdgeSubgraph, EDGE_URL } from "./edge-subgraph.ts";
import { createGatewayView, type GatewayViewSources } from "./gateway-view.ts";
import { createSlowOperations, type SlowOperations } from "./slow-operations.ts";

export interface Edge {
  /** What the gateway answers itself, by address. */
  endpoints: ReadonlyMap<string, GraphQLEndpoint>;
  /** To be told of every operation. */
  slow: SlowOperations;
}

/** The gateway's own part of the graph. */
export function openEdge({ log, ...sources }: Omit<GatewayViewSources, "slow"> & { log: Log }): Edge {
  const slow = createSlowOperations(sources.clock);
  const view = createGatewayView({ ...sources, slow });
  return { endpoints: new Map([[EDGE_URL, createEdgeSubgraph(view, log)]]), slow };
}
