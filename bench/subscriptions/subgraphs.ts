import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GraphQLSchema } from "graphql";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createHttpServer } from "../../lib/http-server.ts";
import { createLog } from "../../lib/log.ts";
import { serveSubgraph } from "../../lib/subgraph-server.ts";

export const SUBGRAPH_SECRET = "a-secret-for-the-benchmark";

export const TOKEN_SECRET = "a-secret-that-signs-the-tokens-of-the-benchmark";

/** Subgraphs in this process whose events happen when we say so. */
export interface LiveGraph {
  /** The supergraph. */
  sdl: string;
  /** Of the subgraphs by name. */
  schemas: ReadonlyMap<string, GraphQLSchema>;
  endpoints: ReadonlyMap<string, GraphQLEndpoint>;
  /** The next event of a topic. */
  emit(topic: string): void;
}

export interface ServedGraph {
  /** The supergraph with the addresses of these subgraphs. */
  supergraphFile: string;
  close(): Promise<void>;
}

/** Puts a graph behind addresses, for gateways in other processes. */
export async function serveGraph(graph: LiveGraph): Promise<ServedGraph> {
  const subgraphs = await Promise.all([...graph.schemas.keys()].map((name) => serve(graph, name)));
  const folder = mkdtempSync(join(tmpdir(), "bench-subscriptions-"));
  const supergraphFile = join(folder, "supergraph.graphql");
  const sdl = subgraphs.reduce(
    (text, { name, url }) =>
      text.replace(new RegExp(`(@join__graph\\(name: "${name}", url: )"[^"]*"`), `$1"${url}"`),
    graph.sdl,
  );
  writeFileSync(supergraphFile, sdl);
  return {
    supergraphFile,
    close: async () => {
      for (const { close } of subgraphs) await close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function serve(graph: LiveGraph, name: string) {
  const http = createHttpServer({ log: createLog({ name, level: "silent" }) });
  const [endpoint, schema] = [graph.endpoints.get(name), graph.schemas.get(name)];
  if (!endpoint || !schema) throw new Error(`no subgraph ${name}`);
  serveSubgraph(http.app, { endpoint, schema, gatewaySecret: SUBGRAPH_SECRET });
  return {
    name,
    url: `${await http.listen({ host: "127.0.0.1", port: 0 })}/graphql`,
    close: () => http.close(),
  };
}
