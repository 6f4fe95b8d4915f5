import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tracer } from "@opentelemetry/api";
import { onTestFinished } from "vitest";
import { readGatewayConfig } from "../../../gateway/config.ts";
import { createGateway } from "../../../gateway/server.ts";
import type { Clock } from "../../../lib/clock.ts";
import { createHttpServer } from "../../../lib/http-server.ts";
import { createLog } from "../../../lib/log.ts";
import { serveSubgraph } from "../../../lib/subgraph-server.ts";
import { NO_DOCUMENTS, TEST_JWT, TEST_SUBGRAPH_SECRET } from "../../gateway/support/start-gateway.ts";
import { createTickerGraph, type TickerGraph } from "./ticker-graph.ts";

export interface TickerGateway {
  url: string;
  socketUrl: string;
  graph: TickerGraph;
  supergraphFile: string;
  /** The value of a metric, all labels summed; with `labels` only those lines that contain it. */
  metric(name: string, labels?: string): Promise<number>;
  close(): Promise<void>;
}

export interface StartOptions {
  graph?: TickerGraph;
  env?: Record<string, string>;
  inProcess?: boolean;
  tracer?: Tracer;
  clock?: Clock;
  /** Told of every warning in the log. */
  onWarning?: (line: string) => void;
  /** Stays until it is closed, for all tests of a file. */
  isShared?: boolean;
}

/** A gateway over the ticker graph on a free port; it closes itself when the test is over, unless it is shared. */
export async function startTickerGateway(options: StartOptions = {}): Promise<TickerGateway> {
  const { graph = createTickerGraph(), env = {}, inProcess = true, isShared = false } = options;
  const folder = mkdtempSync(join(tmpdir(), "ticker-"));
  const supergraphFile = join(folder, "supergraph.graphql");
  writeFileSync(supergraphFile, graph.sdl);
  const config = readGatewayConfig({
    PORT: "0",
    SUPERGRAPH_FILE: supergraphFile,
    GATEWAY_SUBGRAPH_SECRET: TEST_SUBGRAPH_SECRET,
    JWT_SECRET: TEST_JWT.secret,
    ...NO_DOCUMENTS,
    SUBSCRIPTION_CONFLATED_FIELDS: "gauge",
    SUBSCRIPTION_EVENT_FIELDS: "happened",
    SUBSCRIPTION_PER_SUBJECT_FIELDS: "whoAmI",
    ...env,
  });
  const { onWarning } = options;
  const log = onWarning
    ? createLog({ name: "gateway", level: "warn" }, { write: onWarning })
    : createLog({ name: "gateway", level: process.env["TEST_LOG"] ?? "silent" });
  const gateway = await createGateway(config, {
    log,
    ...(inProcess && { inProcess: graph.endpoints }),
    ...(options.tracer && { tracer: options.tracer }),
    ...(options.clock && { clock: options.clock }),
  });
  const url = await gateway.listen();
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= gateway.close().then(() => rmSync(folder, { recursive: true }));
    return closing;
  };
  if (!isShared) onTestFinished(close);
  return {
    url,
    socketUrl: `${url.replace("http", "ws")}/graphql`,
    graph,
    supergraphFile,
    metric: (name, labels) => readMetric(url, name, labels),
    close,
  };
}

async function readMetric(url: string, name: string, labels = ""): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(name) && line.includes(labels));
  return lines
    .filter((line) => /^[\w]+(\{|\s)/.test(line) && line.split(/[{\s]/)[0] === name)
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** A subgraph of the ticker graph behind a URL. */
export async function serveTicker(graph: TickerGraph, name: string, port = 0) {
  const http = createHttpServer({ log: createLog({ name, level: "silent" }) });
  const [endpoint, schema] = [graph.endpoints.get(name), graph.schemas.get(name)];
  if (!endpoint || !schema) throw new Error(`no subgraph ${name}`);
  serveSubgraph(http.app, { endpoint, schema, gatewaySecret: TEST_SUBGRAPH_SECRET });
  const base = await http.listen({ host: "127.0.0.1", port });
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= http.close());
  onTestFinished(close);
  return { url: `${base}/graphql`, port: Number(new URL(base).port), close };
}
