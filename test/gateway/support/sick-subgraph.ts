import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Registry } from "prom-client";
import { onTestFinished } from "vitest";
import { transportSettings as settingsFrom, transportVariables } from "../../../gateway/transport/config.ts";
import { readSubgraphOptions } from "../../../gateway/transport/subgraph-options.ts";
import { createSubgraphMeters } from "../../../gateway/transport/metrics.ts";
import { readEnvironment } from "../../../lib/env.ts";

/** The gateway's settings for calls to subgraphs, with some changed. */
export const transportSettings = (env: Record<string, string> = {}) =>
  settingsFrom(readEnvironment(transportVariables, env));

/** What a remote endpoint is given where a subgraph has no options of its own. */
export const plainOptions = {
  headers: [],
  streams: readSubgraphOptions(undefined, {}).streamsOf("any"),
  callbacks: undefined,
  secret: "a-secret-for-subgraphs",
};

/** What a guard tells its meter, as `/metrics` has it. */
export function startMeter(subgraph: string) {
  const registry = new Registry();
  const limits: string[] = [];
  const meter = createSubgraphMeters(registry, { onLimit: (limit) => limits.push(limit) })(subgraph);
  const value = async (metric: string, labels: Record<string, string> = {}) => {
    const { values = [] } = (await registry.getSingleMetric(metric)?.get()) ?? {};
    const wanted = Object.entries({ subgraph, ...labels });
    return values.find((reading) => wanted.every(([name, text]) => String(reading.labels[name]) === text))
      ?.value;
  };
  return { meter, limits, value };
}

export type Reply = (response: ServerResponse, request: IncomingMessage) => void;

/**
 * A server in place of a subgraph, whose answers a test decides on at any time; counts its calls by body. Ends with the test,
 * unless the tests of a file share it, who close it.
 */
export async function startSickSubgraph(first: Reply, { isShared = false } = {}) {
  const state = { reply: first, bodies: [] as string[], headers: [] as IncomingMessage["headers"][] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      state.bodies.push(Buffer.concat(chunks).toString());
      state.headers.push(request.headers);
      state.reply(response, request);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  if (!isShared) onTestFinished(close);
  return {
    close,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    behave: (reply: Reply) => {
      state.reply = reply;
    },
    /** Calls by callers and by the gateway's own probes. */
    calls: () => state.bodies.filter((body) => !isProbe(body)).length,
    probes: () => state.bodies.filter(isProbe).length,
    headers: () => state.headers,
  };
}

const isProbe = (body: string) => body.includes('"{__typename}"');

export const answers =
  (body: unknown): Reply =>
  (response) =>
    void response.setHeader("content-type", "application/json").end(JSON.stringify(body));

export const resets: Reply = (_response, request) => void request.socket.destroy();
export const hangs: Reply = () => {};
