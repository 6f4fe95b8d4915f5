import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import type { Log } from "../../lib/log.ts";
import type { Demo } from "./demo.ts";
import { createEdgeSubgraph, EDGE_URL } from "./edge-subgraph.ts";
import { createGatewayView, type GatewayViewSources } from "./gateway-view.ts";

/** The gateway's own part of the graph: what it answers itself, by address. */
export const openEdge = ({
  log,
  demo,
  ...sources
}: GatewayViewSources & { log: Log; demo: Demo | undefined }): ReadonlyMap<string, GraphQLEndpoint> =>
  new Map([[EDGE_URL, createEdgeSubgraph({ gateway: createGatewayView(sources), demo }, log)]]);
