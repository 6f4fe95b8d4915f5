import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createRemoteEndpoint, type RemoteEndpoint } from "./remote-endpoint.ts";

export interface TransportOptions {
  inProcess: ReadonlyMap<string, GraphQLEndpoint>;
  /** Addresses that replace the supergraph's, by subgraph name. */
  subgraphUrls: ReadonlyMap<string, string>;
  subgraphSecret: string;
  subgraphTimeoutMs: number;
}

export interface Transports {
  /** How to reach a subgraph: in this process if it is here, else over the network. */
  endpointOf: (subgraph: { name: string; url: string }) => GraphQLEndpoint;
  close(): Promise<void>;
}

/** Keeps one endpoint per subgraph and address, across changes of the supergraph. */
export function createTransports(options: TransportOptions): Transports {
  const remote = new Map<string, RemoteEndpoint>();
  return {
    endpointOf: ({ name, url: declaredUrl }) => {
      const here = options.inProcess.get(name);
      if (here) return here;
      const url = options.subgraphUrls.get(name) ?? declaredUrl;
      const key = `${name} ${url}`;
      const endpoint =
        remote.get(key) ??
        createRemoteEndpoint({
          name,
          url,
          secret: options.subgraphSecret,
          timeoutMs: options.subgraphTimeoutMs,
        });
      remote.set(key, endpoint);
      return endpoint;
    },
    close: async () => {
      await Promise.all([...remote.values()].map((endpoint) => endpoint.close()));
    },
  };
}
