import { writeFileSync } from "node:fs";
import type { FormattedExecutionResult } from "graphql";
import { createClient, type Client } from "graphql-ws";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { bearer } from "../gateway/support/start-gateway.ts";
import { depth } from "../support/depth.ts";
import { waitFor } from "../../lib/wait.ts";
import { openStream } from "./support/http-stream.ts";
import { rawClient, subscribe } from "./support/raw-client.ts";
import { serveTicker, startTickerGateway, type TickerGateway } from "./support/start.ts";
import { createTickerGraph } from "./support/ticker-graph.ts";

const CLIENTS = depth(100, 500);
const TICK = `subscription { tick(topic: "s") { number place { name } } }`;

interface Watcher {
  got: number[];
  gaps: number;
  cuts: number[];
}

/** A dashboard: comes back wherever the balancer sends it, with the last id it saw. */
function watcher(url: () => string): Watcher {
  const state: Watcher = { got: [], gaps: 0, cuts: [] };
  const client: Client = createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: 100,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 100)),
    on: { closed: (event) => state.cuts.push((event as { code: number }).code) },
  });
  onTestFinished(() => client.terminate());
  const payload = { query: TICK, extensions: {} as Record<string, unknown> };
  client.subscribe(payload, {
    next: ({ data, extensions }: FormattedExecutionResult) => {
      state.got.push((data as { tick: { number: number } }).tick.number);
      if (extensions?.["gap"] === true) state.gaps += 1;
      payload.extensions["lastEventId"] = extensions?.["eventId"];
    },
    error: () => {},
    complete: () => {},
  });
  return state;
}

const upTo = (count: number) => Array.from({ length: count + 1 }, (_, number) => number);

/** A comment is enough for a new generation. */
const reload = (gateway: TickerGateway, sdl = `${gateway.graph.sdl}\n# again ${Math.random()}`) =>
  writeFileSync(gateway.supergraphFile, sdl);

const NAMED_TICK = `subscription ($named: Boolean!) { tick(topic: "s") { number place { name @include(if: $named) } } }`;

/** The ticks that a client has been told, however they come to it. */
const TELL: Record<string, (gateway: TickerGateway) => Promise<() => unknown[]>> = {
  WebSocket: async ({ socketUrl }) => {
    const client = createClient({ url: socketUrl, webSocketImpl: WebSocket });
    onTestFinished(() => client.terminate());
    const got: unknown[] = [];
    client.subscribe(
      { query: NAMED_TICK, variables: { named: true } },
      { next: ({ data }) => void got.push(data?.["tick"]), error: () => {}, complete: () => {} },
    );
    return () => got;
  },
  "server-sent events": async ({ url }) => {
    const body = { query: NAMED_TICK, variables: { named: true } };
    const stream = await openStream(`${url}/graphql`, { body });
    return () =>
      [...stream.text().matchAll(/^data: (\{.*)$/gm)].map(
        ([, json]) => (JSON.parse(json ?? "") as { data: { tick: unknown } }).data.tick,
      );
  },
};

describe("a subscription across subgraphs", () => {
  test.each(Object.entries(TELL))(
    "is planned away from the event loop over %s, again for a new supergraph, and misses nothing meanwhile",
    async (_transport, tell) => {
      const warnings: string[] = [];
      const gateway = await startTickerGateway({ onWarning: (line) => void warnings.push(line) });
      const ticks = await tell(gateway);
      await waitFor(() => ticks().length === 1);
      reload(gateway, gateway.graph.sdl.replaceAll("height", "altitude"));
      await waitFor(async () => {
        const query = encodeURIComponent('{ __type(name: "Place") { fields { name } } }');
        return (await (await fetch(`${gateway.url}/graphql?query=${query}`)).text()).includes("altitude");
      });
      for (let number = 1; number <= 5; number += 1) gateway.graph.emit("s");
      await waitFor(() => ticks().length === 6);
      expect(ticks()).toEqual(upTo(5).map((number) => ({ number, place: { name: "Place s" } })));
      expect(warnings).toEqual([]);
    },
  );
});

describe("hundreds of clients and a stream of numbers", () => {
  test("see every number once and in order, over a reload and the drain of their gateway", async () => {
    const graph = createTickerGraph();
    const [old, young] = [await startTickerGateway({ graph }), await startTickerGateway({ graph })];
    let target = old;
    // Somebody is on each replica at all times, as behind any balancer.
    const resident = watcher(() => young.socketUrl);
    await waitFor(() => resident.got.length === 1);
    const watchers = Array.from({ length: CLIENTS }, () => watcher(() => target.socketUrl));
    await waitFor(() => watchers.every(({ got }) => got.length === 1));
    const emitting = setInterval(() => graph.emit("s"), 100);

    reload(old);
    await waitFor(() => watchers.every(({ got }) => got.length > 12));
    target = young;
    await old.close();
    await waitFor(async () => (await young.metric("gateway_subscriptions_active")) === CLIENTS + 1);

    clearInterval(emitting);
    const last = graph.emit("s");
    await waitFor(() => watchers.every(({ got }) => got.at(-1) === last));
    for (const { got, gaps, cuts } of [resident, ...watchers]) {
      expect(got).toEqual(upTo(last));
      expect(gaps).toBe(0);
      expect(cuts.every((code) => code === 1012)).toBe(true);
    }
    expect(await young.metric("gateway_subscription_triggers")).toBe(1);
  });
});

describe("a new supergraph", () => {
  test("leaves a stream alone that would be asked the same", async () => {
    const gateway = await startTickerGateway();
    const client = await rawClient(gateway.socketUrl);
    client.send(subscribe("1", TICK));
    await client.next("next", "1");
    reload(gateway, gateway.graph.sdl.replaceAll("height", "altitude"));
    client.send(subscribe("2", `subscription { tick(topic: "s") { place { height } } }`));
    await waitFor(async () => {
      client.send(subscribe(`q${Math.random()}`, `{ __type(name: "Place") { fields { name } } }`));
      return JSON.stringify(client.messages).includes("altitude");
    });
    expect(await client.next("error", "2")).toMatchObject({ payload: [{ extensions: { code: "GONE" } }] });
    gateway.graph.emit("s");
    await waitFor(() => client.events("1").length === 2);
    expect(client.events("1")[1]).toEqual({
      data: { tick: { number: 1, place: { name: "Place s" } } },
      extensions: { eventId: "1" },
    });
    expect(gateway.graph.openStreams).toBe(1);
  });

  test("opens the new stream before it closes the old one, and repeats nothing", async () => {
    const graph = createTickerGraph();
    const [here, there, places] = [
      await serveTicker(graph, "ticker"),
      await serveTicker(graph, "ticker"),
      await serveTicker(graph, "places"),
    ];
    const env = { SUBGRAPH_URLS: `places=${places.url}` };
    const sdlWith = (url: string) => graph.sdl.replace("http://127.0.0.1:1/ticker", url);
    const gateway = await startTickerGateway({
      graph: { ...graph, sdl: sdlWith(here.url) },
      env,
      inProcess: false,
    });
    const client = await rawClient(gateway.socketUrl);
    client.send(subscribe("1", TICK));
    await client.next("next", "1");
    const emitting = setInterval(() => graph.emit("s"), 10);
    reload(gateway, sdlWith(there.url));
    await waitFor(() => graph.openedStreams === 2 && graph.openStreams === 1);
    clearInterval(emitting);
    const last = graph.emit("s");
    await waitFor(() => client.events("1").length > last);
    expect(client.events("1").map(({ extensions }) => extensions)).toEqual(
      upTo(last).map((number) => ({ eventId: String(number) })),
    );
  });

  test("ends the subscriptions of those who may no longer have them", async () => {
    const gateway = await startTickerGateway();
    const [may, mayNot] = await Promise.all(
      [["ticks.view"], []].map(async (scopes, index) => {
        const authorization = await bearer({ subject: `s${index}`, scopes });
        const client = await rawClient(gateway.socketUrl, { authorization });
        client.send(subscribe("1", `subscription { plain(topic: "s") { number } }`));
        await client.next("next", "1");
        return client;
      }),
    );
    const open = "plain(topic: ID!): PlainTick!";
    const sdl = gateway.graph.sdl.replace(open, `${open} @requiresScopes(scopes: [["ticks.view"]])`);
    expect(sdl).not.toBe(gateway.graph.sdl);
    reload(gateway, sdl);
    expect(await mayNot?.next("error", "1")).toMatchObject({
      payload: [{ extensions: { code: "FORBIDDEN" } }],
    });
    gateway.graph.emit("s");
    await waitFor(() => may?.events("1").length === 2);
    expect(mayNot?.events("1")).toHaveLength(1);
  });
});

describe("a gateway that stops", () => {
  test("G11: lets queries finish, sends sockets away with 1012, breaks streams off and takes nobody new", async () => {
    const gateway = await startTickerGateway();
    const client = await rawClient(gateway.socketUrl);
    client.send(subscribe("q", "{ slow }"));
    client.send(subscribe("1", TICK));
    await client.next("next", "1");
    const stream = await openStream(`${gateway.url}/graphql`, { body: { query: TICK } });
    const closing = gateway.close();
    expect((await client.next("next", "q")).payload?.data).toEqual({ slow: "done" });
    expect(await client.closed()).toEqual({ code: 1012, reason: "Service restart" });
    await waitFor(() => stream.isEnded());
    expect(stream.text()).not.toContain("complete");
    await closing;
    expect(gateway.graph.openStreams).toBe(0);
  });
});
