import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import * as zlib from "node:zlib";
import compress from "@fastify/compress";
import { fastify } from "fastify";
import mercurius from "mercurius";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../lib/clock.ts";
import { createRemoteEndpoint } from "../../gateway/transport/remote-endpoint.ts";
import { quietLog } from "../support/quiet-log.ts";
import {
  answers,
  plainOptions,
  startMeter,
  startSickSubgraph,
  transportSettings,
  type Reply,
} from "./support/sick-subgraph.ts";

const LIMIT_BYTES = 100_000;
const caller = {
  identity: { subject: "ada", scopes: [], role: "operator", departments: [], tenant: "default" },
  correlationId: "c",
} as const;

function endpointAt(url: string) {
  const meter = startMeter("sample");
  const endpoint = createRemoteEndpoint(
    {
      name: "sample",
      url,
      ...plainOptions,
      settings: transportSettings({ SUBGRAPH_RESPONSE_LIMIT_BYTES: String(LIMIT_BYTES) }),
    },
    {
      clock: systemClock,
      log: quietLog,
      random: Math.random,
      onChange: () => {},
      writes: { ended: 0 },
      ...meter,
    },
  );
  onTestFinished(() => endpoint.close());
  return { ask: () => endpoint.execute({ query: "{ words }", caller }), meter };
}

/** Mercurius behind Fastify's plugin for compression, which prefers what is asked of it; it tells what it has sent. */
async function startCompressing(encodings: readonly string[]) {
  const sent: unknown[] = [];
  const app = fastify();
  await app.register(compress, { threshold: 0, encodings: [...encodings] as never });
  app.addHook("onResponse", async (_request, reply) => void sent.push(reply.getHeader("content-encoding")));
  await app.register(mercurius, {
    schema: "type Query { words: String }",
    resolvers: { Query: { words: () => "word ".repeat(5_000) } },
  });
  onTestFinished(() => app.close());
  return { url: `${await app.listen({ host: "127.0.0.1", port: 0 })}/graphql`, sent };
}

const offered = ["gzip", "br", ...("zstdDecompress" in zlib ? ["zstd"] : [])];

describe("a subgraph that compresses its answers", () => {
  test.each(offered)("with %s is asked for that and understood", async (encoding) => {
    const subgraph = await startCompressing([encoding]);
    const { ask } = endpointAt(subgraph.url);
    expect(await ask()).toEqual({ data: { words: "word ".repeat(5_000) } });
    expect(subgraph.sent).toEqual([encoding]);
  });

  const DATA = JSON.stringify({ data: { words: "yes" } });
  const sends =
    (encoding: string, body: Buffer): Reply =>
    (response) =>
      void response.setHeader("content-encoding", encoding).end(body);

  test.each([
    ["deflate, though nobody asked for it", "deflate", deflateSync(DATA)],
    ["gzip by its older name", "x-gzip", gzipSync(DATA)],
    ["one encoding over another", "br, gzip", gzipSync(brotliCompressSync(DATA))],
    ["none, and says so", "identity", Buffer.from(DATA)],
  ])("with %s is understood", async (_what, encoding, body) => {
    const { url } = await startSickSubgraph(sends(encoding, body));
    expect(await endpointAt(url).ask()).toEqual({ data: { words: "yes" } });
  });

  const BOMB = JSON.stringify({ data: { words: "x".repeat(LIMIT_BYTES) } });
  test.each([
    ["gzip", gzipSync(BOMB)],
    ["br", brotliCompressSync(BOMB)],
    ["gzip, gzip", gzipSync(gzipSync(BOMB))],
  ])("with %s to a fraction of what may come is cut off where it grows beyond", async (encoding, body) => {
    expect(body.length).toBeLessThan(LIMIT_BYTES / 100);
    const { url } = await startSickSubgraph(sends(encoding, body));
    const { ask, meter } = endpointAt(url);
    await expect(ask()).rejects.toThrow(`answered with more than ${LIMIT_BYTES} bytes`);
    expect(meter.limits).toEqual(["subgraphAnswer"]);
  });

  test.each([
    ["in an encoding that nobody knows", "pigeon", Buffer.from(DATA), 'in the content encoding "pigeon"'],
    ["in many layers", "gzip,gzip,gzip", gzipSync(gzipSync(gzipSync(DATA))), "which was not offered"],
    ["otherwise than it says", "gzip", Buffer.from(DATA), "not encoded as it says"],
    ["and stops half-way", "gzip", gzipSync(DATA).subarray(0, 20), "not encoded as it says"],
  ])("%s is told to have done so, and goes on to be asked", async (_what, encoding, body, told) => {
    const subgraph = await startSickSubgraph(sends(encoding, body));
    const { ask } = endpointAt(subgraph.url);
    await expect(ask()).rejects.toThrow(told);
    subgraph.behave(answers({ data: { words: "plain" } }));
    expect(await ask()).toEqual({ data: { words: "plain" } });
  });
});
