import type { GraphQLEndpoint } from "./graphql-endpoint.ts";

/** A running part of the graph: reachable in this process, and over HTTP once it listens. */
export interface Subgraph {
  endpoint: GraphQLEndpoint;
  /** Starts to serve and returns the base URL, like `http://127.0.0.1:6200`. */
  listen(): Promise<string>;
  /** Refuses new work, lets running requests finish, releases what it holds. */
  close(): Promise<void>;
}
