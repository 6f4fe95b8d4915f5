import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpServer } from "../../lib/http-server.ts";
import { createLog } from "../../lib/log.ts";
import { serveSubgraph } from "../../lib/subgraph-server.ts";
import type { TickerGraph } from "../../test/subscriptions/support/ticker-graph.ts";

export const SUBGRAPH_SECRET = "a-secret-for-the-benchmark";

export const TOKEN_SECRET = "a-secret-that-signs-the-tokens-of-the-benchmark";

export interface TickerSubgraphs {
  /** A supergraph with the addresses of these subgraphs. */
  supergraphFile: string;
  close(): Promise<void>;
}

/** The ticker graph behind addresses, for gateways in other processes. */
export async function serveTickerGraph(graph: TickerGraph): Promise<TickerSubgraphs> {
  const subgraphs = await Promise.all([...graph.schemas.keys()].map((name) => serve(graph, name)));
  const folder = mkdtempSync(join(tmpdir(), "bench-subscriptions-"));
  const supergraphFile = join(folder, "supergraph.graphql");
  const sdl = subgraphs.reduce(
    (text, { url }, index) => text.replaceAll(`http://127.0.0.1:${index + 1}/graphql`, url),
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

async function serve(graph: TickerGraph, name: string) {
  const http = createHttpServer({ log: createLog({ name, level: "silent" }) });
  const [endpoint, schema] = [graph.endpoints.get(name), graph.schemas.get(name)];
  if (!endpoint || !schema) throw new Error(`no subgraph ${name}`);
  serveSubgraph(http.app, { endpoint, schema, gatewaySecret: SUBGRAPH_SECRET });
  return {
    url: `${await http.listen({ host: "127.0.0.1", port: 0 })}/graphql`,
    close: () => http.close(),
  };
}
