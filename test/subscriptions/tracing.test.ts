import { describe, expect, onTestFinished, test } from "vitest";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { waitFor } from "../../lib/wait.ts";
import { rawClient, subscribe } from "./support/raw-client.ts";
import { createRecordingTracer, type RecordedSpan } from "./support/recording-tracer.ts";
import type { GraphQLEndpoint, GraphQLRequest } from "../../lib/graphql-endpoint.ts";
import { serveTicker, startTickerGateway, type StartOptions, type TickerGateway } from "./support/start.ts";
import { createTickerGraph } from "./support/ticker-graph.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`;
const TICK = `subscription { tick(topic: "s") { number place { name } } }`;

const named = (spans: readonly RecordedSpan[], name: string) => spans.filter((span) => span.name === name);
const tell = (gateway: TickerGateway, body: object, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  }).then((response) => response.json());

async function subscribed(gateway: TickerGateway, extensions: object = {}) {
  const client = await rawClient(gateway.socketUrl);
  onTestFinished(() => client.socket.terminate());
  client.send(subscribe("1", TICK, { extensions }));
  await client.next("next", "1");
  return client;
}

describe("traces", () => {
  test("hold an operation as part of its caller's trace, and its fetches as parts of the operation", async () => {
    const { tracer, spans } = createRecordingTracer();
    const gateway = await startTickerGateway({ tracer });
    // Seen once, the operation takes the fast lane.
    for (let round = 0; round < 3; round++)
      await tell(gateway, { query: `query Ask { number(topic: "q") }` }, { traceparent: TRACEPARENT });
    const operations = named(spans, "query Ask");
    expect(operations).toHaveLength(3);
    for (const operation of operations)
      expect(operation).toMatchObject({
        traceId: TRACE,
        parentSpanId: CALLER,
        failed: false,
        hasEnded: true,
      });
    expect(named(spans, "fetch ticker").map(({ traceId, parentSpanId }) => [traceId, parentSpanId])).toEqual(
      operations.map(({ spanId }) => [TRACE, spanId]),
    );
  });

  test("begin anew for every event, linked to the subscriptions that it is for", async () => {
    const { tracer, spans } = createRecordingTracer();
    const gateway = await startTickerGateway({ tracer });
    const clients = [await subscribed(gateway, { traceparent: TRACEPARENT }), await subscribed(gateway)];
    gateway.graph.emit("s");
    await waitFor(() => clients.every((client) => client.events("1").length === 2));

    const [first, second] = named(spans, "subscription tick");
    expect(first).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, hasEnded: false });
    expect(second?.traceId).not.toBe(TRACE);
    const events = named(spans, "event tick");
    expect(events.map(({ links }) => links)).toEqual([[first?.spanId], [first?.spanId, second?.spanId]]);
    expect(new Set([TRACE, second?.traceId, ...events.map(({ traceId }) => traceId)]).size).toBe(4);
    expect(events.at(-1)).toMatchObject({ hasEnded: true, attributes: { listeners: 2 } });
    const [state] = named(spans, "state tick");
    const fetches = named(spans, "fetch places");
    expect(fetches.map(({ parentSpanId }) => parentSpanId)).toEqual(
      [events[0], state, events[1]].map((span) => span?.spanId),
    );

    for (const client of clients) client.send({ id: "1", type: "complete" });
    await waitFor(() => first?.hasEnded && second?.hasEnded);
    expect(first?.attributes).toMatchObject({ "subscription.field": "tick", end_reason: "client" });
  });

  test("say what failed", async () => {
    const { tracer, spans } = createRecordingTracer();
    const gateway = await startTickerGateway({ tracer });
    await tell(gateway, { query: "{ fails }" });
    expect(named(spans, "query")[0]).toMatchObject({ failed: true, hasEnded: true });
  });

  test.each([
    ["of the caller, where nobody records", undefined, CALLER],
    ["of the fetch, where somebody does", createRecordingTracer(), undefined],
  ])("reach subgraphs in their traceparent: the id %s", async (_name, recording, expected) => {
    const graph = createTickerGraph();
    const ticker = await serveTicker(graph, "ticker");
    const seen = await spyOn(ticker.url);
    const gateway = await startTickerGateway({
      graph,
      inProcess: false,
      env: { SUBGRAPH_URLS: `ticker=${seen.url}` },
      ...(recording && { tracer: recording.tracer }),
    });
    await tell(gateway, { query: `{ number(topic: "q") }` }, { traceparent: TRACEPARENT });
    const spanId = expected ?? named(recording?.spans ?? [], "fetch ticker")[0]?.spanId;
    expect(seen.headers.at(-1)?.["traceparent"]).toBe(`00-${TRACE}-${spanId}-01`);
  });

  test("go on inside the subgraphs: a stream as part of its subscription, what completes an event as part of that", async () => {
    const { tracer, spans } = createRecordingTracer();
    const { gateway, callers } = await overTheWire({ tracer });
    const clients = [await subscribed(gateway, { traceparent: TRACEPARENT }), await subscribed(gateway)];
    gateway.graph.emit("s");
    await waitFor(() => clients.every((client) => client.events("1").length === 2));

    const [subscription] = named(spans, "subscription tick");
    const streams = named(spans, "stream ticker");
    expect(streams).toMatchObject([{ traceId: TRACE, parentSpanId: subscription?.spanId, hasEnded: false }]);
    expect(callers.get("ticker")).toEqual(streams.map(traceparentOf));
    // Two events, and between them the state as it was when the second client came.
    const events = spans.filter(({ name }) => name === "event tick" || name === "state tick");
    const fetches = named(spans, "fetch places");
    expect(events.map(({ name }) => name)).toEqual(["event tick", "state tick", "event tick"]);
    expect(events.every(({ links }) => links.includes(subscription?.spanId ?? ""))).toBe(true);
    expect(fetches.map(({ parentSpanId }) => parentSpanId)).toEqual(events.map(({ spanId }) => spanId));
    expect(callers.get("places")).toEqual(fetches.map(traceparentOf));

    for (const client of clients) client.send({ id: "1", type: "complete" });
    await waitFor(() => streams[0]?.hasEnded);
  });

  test("of a subscriber reach the subgraph's stream also where nobody records", async () => {
    const { gateway, callers } = await overTheWire({});
    await subscribed(gateway, { traceparent: TRACEPARENT });
    expect(callers.get("ticker")).toEqual([TRACEPARENT]);
  });

  test.each(["", "nonsense", `00-${"0".repeat(32)}-${CALLER}-01`, `${TRACEPARENT}\u00e9`])(
    "begin here for a traceparent that is none: %j",
    async (traceparent) => {
      const { tracer, spans } = createRecordingTracer();
      const gateway = await startTickerGateway({ tracer });
      await subscribed(gateway, { traceparent });
      expect(named(spans, "subscription tick")[0]?.parentSpanId).toBeUndefined();
    },
  );
});

const traceparentOf = ({ traceId, spanId }: RecordedSpan) => `00-${traceId}-${spanId}-01`;

/** A gateway whose subgraphs are behind addresses, and of which traces their callers said to be, by subgraph. */
async function overTheWire(options: Pick<StartOptions, "tracer">) {
  const graph = createTickerGraph();
  const callers = new Map<string, (string | undefined)[]>();
  const spied = [...graph.endpoints].map(([name, endpoint]): [string, GraphQLEndpoint] => {
    const seen: (string | undefined)[] = [];
    callers.set(name, seen);
    const note = <R extends GraphQLRequest>(request: R): R => {
      seen.push(request.caller.traceparent);
      return request;
    };
    return [
      name,
      {
        execute: (request) => endpoint.execute(note(request)),
        subscribe: (request) => endpoint.subscribe(note(request)),
      },
    ];
  });
  const served = { ...graph, endpoints: new Map(spied) };
  const urls = await Promise.all(
    [...graph.endpoints.keys()].map(async (name) => `${name}=${(await serveTicker(served, name)).url}`),
  );
  const env = { SUBGRAPH_URLS: urls.join(",") };
  return { callers, gateway: await startTickerGateway({ ...options, graph, inProcess: false, env }) };
}

/** A server in front of another that keeps the headers of what it passes on. */
async function spyOn(target: string): Promise<{ url: string; headers: IncomingHttpHeaders[] }> {
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      headers.push(request.headers);
      const { host: _host, "content-length": _length, connection: _connection, ...rest } = request.headers;
      void fetch(target, {
        method: "POST",
        headers: rest as Record<string, string>,
        body: Buffer.concat(chunks),
      })
        .then((answer) => answer.text())
        .then((text) => response.setHeader("content-type", "application/json").end(text))
        .catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, headers };
}
