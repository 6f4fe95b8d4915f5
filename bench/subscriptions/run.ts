import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpServer } from "../../lib/http-server.ts";
import { createLog } from "../../lib/log.ts";
import { serveSubgraph } from "../../lib/subgraph-server.ts";
import { createTickerGraph, type TickerGraph } from "../../test/subscriptions/support/ticker-graph.ts";
import { measureIdle, measureStalled } from "./idle-and-stalled.ts";
import { compare } from "./throughput.ts";
import { createTargets } from "./targets.ts";

/**
 * The figures of subscriptions, each beside the limit in the same run: `node bench/subscriptions/run.ts`.
 * The last line is JSON. `--quick` uses fewer clients and events.
 */
const isQuick = process.argv.includes("--quick");
const SECRET = "a-secret-for-the-benchmark";

const graph = createTickerGraph();
const folder = mkdtempSync(join(tmpdir(), "bench-subscriptions-"));
const subgraphs = await Promise.all(["ticker", "places"].map((name) => serve(graph, name)));
const supergraphFile = join(folder, "supergraph.graphql");
writeFileSync(supergraphFile, graph.sdl);
const targets = createTargets({
  SUPERGRAPH_FILE: supergraphFile,
  SUBGRAPH_URLS: subgraphs.map(({ name, url }) => `${name}=${url}`).join(","),
  GATEWAY_SUBGRAPH_SECRET: SECRET,
});

const clients = isQuick ? 500 : 2_000;
const throughput = await compare({
  graph,
  targets,
  clients,
  events: isQuick ? 15 : 40,
  rounds: isQuick ? 1 : 2,
});
const idle = await measureIdle({ targets, sockets: isQuick ? 1_000 : 10_000 });
const stalled = await measureStalled({ graph, targets, events: isQuick ? 300 : 1_000 });

for (const { close } of subgraphs) await close();
rmSync(folder, { recursive: true });
process.stdout.write(
  `${JSON.stringify({ bench: "subscriptions", clients, ...throughput, idle, stalled })}\n`,
);
process.exit(0);

async function serve(from: TickerGraph, name: string) {
  const http = createHttpServer({ log: createLog({ name, level: "silent" }) });
  const [endpoint, schema] = [from.endpoints.get(name), from.schemas.get(name)];
  if (!endpoint || !schema) throw new Error(`no subgraph ${name}`);
  serveSubgraph(http.app, { endpoint, schema, gatewaySecret: SECRET });
  return {
    name,
    url: `${await http.listen({ host: "127.0.0.1", port: 0 })}/graphql`,
    close: () => http.close(),
  };
}
