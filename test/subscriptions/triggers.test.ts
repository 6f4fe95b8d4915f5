import type { FormattedExecutionResult } from "graphql";
import { createClient, type Client } from "graphql-ws";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { waitFor } from "../../lib/wait.ts";
import { rawClient, subscribe, type RawClient } from "./support/raw-client.ts";
import { serveTicker, startTickerGateway, type TickerGateway } from "./support/start.ts";
import { createTickerGraph } from "./support/ticker-graph.ts";

const TICK = `subscription ($topic: ID!) { tick(topic: $topic) { number place { name } } }`;
const on = (topic: string, extensions?: object) => ({
  variables: { topic },
  ...(extensions && { extensions }),
});

const numbersOf = (client: RawClient, id = "1") =>
  client.events(id).map(({ data }) => (Object.values(data ?? {})[0] as { number: number }).number);
const lastIdOf = (client: RawClient, id = "1") => client.events(id).at(-1)?.extensions?.["eventId"] as string;

async function listening(gateway: TickerGateway, query: string, payload: Record<string, unknown>) {
  const client = await rawClient(gateway.socketUrl);
  onTestFinished(() => client.socket.terminate());
  client.send(subscribe("1", query, payload));
  return client;
}

describe("clients that ask the same", () => {
  test("share one stream and one execution per event, whatever their documents look like", async () => {
    const gateway = await startTickerGateway();
    const a = await listening(gateway, TICK, on("s"));
    const b = await listening(
      gateway,
      `# mine\nsubscription   Named($topic: ID!) { tick(topic: $topic) { number, place { name } } }`,
      on("s"),
    );
    const c = await listening(gateway, TICK, { variables: { topic: "s", unused: 1 } });
    for (const client of [a, b, c]) await waitFor(() => numbersOf(client).length === 1);
    const requests = gateway.graph.entityRequests;
    gateway.graph.emit("s");
    for (const client of [a, b, c]) await waitFor(() => numbersOf(client).length === 2);
    expect(gateway.graph.openStreams).toBe(1);
    expect(gateway.graph.entityRequests).toBe(requests + 1);
    expect(await gateway.metric("gateway_subscription_triggers")).toBe(1);
    expect(await gateway.metric("gateway_subscriptions_active")).toBe(3);
    expect(new Set([a, b, c].map((client) => lastIdOf(client))).size).toBe(1);
  });

  test.each([
    ["variables", TICK, on("other")],
    ["aliases", `subscription ($topic: ID!) { t: tick(topic: $topic) { number place { name } } }`, on("s")],
    [
      "arguments",
      `subscription ($topic: ID!) { tick(topic: $topic, size: 1) { number place { name } } }`,
      on("s"),
    ],
  ])("are apart from those with other %s", async (_name, query, payload) => {
    const gateway = await startTickerGateway();
    const a = await listening(gateway, TICK, on("s"));
    const b = await listening(gateway, query, payload);
    for (const client of [a, b]) await waitFor(() => numbersOf(client).length === 1);
    expect(gateway.graph.openStreams).toBe(2);
  });

  test("get the current state when they come late, joined now and under the id of its event", async () => {
    const gateway = await startTickerGateway();
    const first = await listening(gateway, TICK, on("s"));
    await waitFor(() => numbersOf(first).length === 1);
    gateway.graph.emit("s");
    await waitFor(() => numbersOf(first).length === 2);
    const requests = gateway.graph.entityRequests;
    const late = await listening(gateway, TICK, on("s"));
    await waitFor(() => numbersOf(late).length === 1);
    expect(numbersOf(late)).toEqual([1]);
    expect(lastIdOf(late)).toBe(lastIdOf(first));
    expect(gateway.graph.entityRequests).toBe(requests + 1);
    expect(numbersOf(first)).toEqual([0, 1]);
  });

  test("get no earlier event where the field tells what happens", async () => {
    const gateway = await startTickerGateway();
    const query = `subscription { happened(topic: "s") { number } }`;
    const first = await listening(gateway, query, {});
    await waitFor(() => numbersOf(first).length === 1);
    const late = await listening(gateway, query, {});
    await waitFor(async () => (await gateway.metric("gateway_subscriptions_active")) === 2);
    gateway.graph.emit("s");
    await waitFor(() => numbersOf(late).length === 1);
    expect(numbersOf(late)).toEqual([1]);
  });
});

describe("the stream of a subgraph", () => {
  test.each([
    ["stops", (client: RawClient) => client.send({ id: "1", type: "complete" })],
    ["closes its socket", (client: RawClient) => client.socket.close()],
    ["is cut off", (client: RawClient) => client.socket.terminate()],
  ])("ends at once when its only client %s", async (_name, leave) => {
    const gateway = await startTickerGateway();
    const client = await listening(gateway, TICK, on("s"));
    await waitFor(() => numbersOf(client).length === 1);
    leave(client);
    await waitFor(() => gateway.graph.openStreams === 0);
    expect(await gateway.metric("gateway_subscriptions_active")).toBe(0);
  });

  test("S14: ends within a second when 50 sockets are cut at TCP", async () => {
    const gateway = await startTickerGateway();
    const clients = await Promise.all(
      Array.from({ length: 50 }, (_, index) => listening(gateway, TICK, on(`s${index % 5}`))),
    );
    await waitFor(() => clients.every((client) => numbersOf(client).length === 1));
    expect(gateway.graph.openStreams).toBe(5);
    for (const { socket } of clients) socket.terminate();
    await waitFor(() => gateway.graph.openStreams === 0);
    expect(await gateway.metric("gateway_subscription_connections")).toBe(0);
  });

  test("ends also when the client leaves before it has begun", async () => {
    const gateway = await startTickerGateway();
    const client = await rawClient(gateway.socketUrl);
    client.send(subscribe("1", TICK, on("s")));
    client.send({ id: "1", type: "complete" });
    client.send(subscribe("2", TICK, on("t")));
    client.socket.terminate();
    await waitFor(async () => (await gateway.metric("gateway_subscription_connections")) === 0);
    await waitFor(() => gateway.graph.openStreams === 0);
  });

  test("G12: may break and come back: clients miss nothing, and see no state twice", async () => {
    const graph = createTickerGraph();
    const ticker = await serveTicker(graph, "ticker");
    const places = await serveTicker(graph, "places");
    const gateway = await startTickerGateway({
      graph,
      inProcess: false,
      env: { SUBGRAPH_URLS: `ticker=${ticker.url},places=${places.url}` },
    });
    const client = await listening(gateway, TICK, on("s"));
    const gauge = await listening(gateway, `subscription { gauge(topic: "s") { number } }`, {});
    const plain = await listening(gateway, `subscription { plain(topic: "s") { number } }`, {});
    for (const each of [client, gauge, plain]) await waitFor(() => numbersOf(each).length === 1);
    await ticker.close();
    await serveTicker(graph, "ticker", ticker.port);
    await waitFor(() => graph.openStreams === 3);
    graph.emit("s");
    for (const each of [client, gauge, plain]) await waitFor(() => numbersOf(each).includes(1));
    expect(numbersOf(client)).toEqual([0, 1]);
    expect(numbersOf(gauge)).toEqual([0, 1]);
    // A field that is no state and has no version says that something may be missing.
    expect(plain.events("1").at(1)?.extensions).toMatchObject({ gap: true });
    expect([client, gauge, plain].every(({ socket }) => socket.readyState === WebSocket.OPEN)).toBe(true);
  });
});

describe("a client that comes back after a cut", () => {
  async function cut(gateway: TickerGateway, query: string) {
    const client = await listening(gateway, query, on("s", {}));
    await waitFor(() => numbersOf(client).length === 1);
    gateway.graph.emit("s");
    await waitFor(() => numbersOf(client).length === 2);
    client.socket.terminate();
    await waitFor(async () => (await gateway.metric("gateway_subscription_connections")) === 0);
    return lastIdOf(client);
  }

  test.each([
    ["with versions", TICK],
    ["without", `subscription ($topic: ID!) { plain(topic: $topic) { number } }`],
  ])("gets exactly what it missed, for fields %s", async (_name, query) => {
    const gateway = await startTickerGateway();
    const lastEventId = await cut(gateway, query);
    for (let index = 0; index < 4; index++) gateway.graph.emit("s");
    const back = await listening(gateway, query, on("s", { lastEventId }));
    await waitFor(() => numbersOf(back).length === 4);
    expect(numbersOf(back)).toEqual([2, 3, 4, 5]);
    expect(back.events("1").some(({ extensions }) => extensions?.["gap"] === true)).toBe(false);
    expect(await gateway.metric("gateway_subscription_resumes_total", "complete")).toBe(1);
  });

  test("gets nothing when it missed nothing", async () => {
    const gateway = await startTickerGateway();
    const lastEventId = await cut(gateway, TICK);
    const back = await listening(gateway, TICK, on("s", { lastEventId }));
    gateway.graph.emit("s");
    await waitFor(() => numbersOf(back).length === 1);
    expect(numbersOf(back)).toEqual([2]);
  });

  test.each([
    ["an id that nobody gave", "made-up", `subscription ($topic: ID!) { plain(topic: $topic) { number } }`],
    ["an id from before we remember", "-1", TICK],
  ])("is told of a gap for %s", async (_name, lastEventId, query) => {
    const gateway = await startTickerGateway();
    await cut(gateway, query);
    const back = await listening(gateway, query, on("s", { lastEventId }));
    await waitFor(() => numbersOf(back).length === 1);
    expect(back.events("1")).toMatchObject([{ extensions: { gap: true, eventId: expect.any(String) } }]);
    expect(numbersOf(back)).toEqual([1]);
  });

  test("gets the state at once, with a gap, where there was no room to keep what it missed", async () => {
    const gateway = await startTickerGateway({ env: { SUBSCRIPTION_KEPT_BYTES_MAX: "1024" } });
    const query = `subscription ($topic: ID!) { tick(topic: $topic, size: 5000) { number padding } }`;
    const other = await listening(gateway, query, on("s", {}));
    await waitFor(() => numbersOf(other).length === 1);
    gateway.graph.emit("s");
    await waitFor(() => numbersOf(other).length === 2);
    expect(await gateway.metric("gateway_kept_event_bytes")).toBe(0);
    const back = await listening(gateway, query, on("s", { lastEventId: "0" }));
    await waitFor(() => numbersOf(back).length === 1);
    expect(back.events("1")).toMatchObject([{ extensions: { gap: true, eventId: "1" } }]);
  });

  test("finds nothing left after the linger, and then hears of the gap", async () => {
    const gateway = await startTickerGateway({ env: { SUBSCRIPTION_LINGER_SECONDS: "0" } });
    const lastEventId = await cut(gateway, TICK);
    await waitFor(() => gateway.graph.openStreams === 0);
    gateway.graph.emit("s");
    const back = await listening(gateway, TICK, on("s", { lastEventId }));
    await waitFor(() => numbersOf(back).length === 1);
    expect(back.events("1")[0]?.extensions).toMatchObject({ gap: true });
  });

  test("is not told of a gap by a gateway that has just started, when nothing has changed", async () => {
    const graph = createTickerGraph();
    const before = await startTickerGateway({ graph });
    const lastEventId = await cut(before, TICK);
    await before.close();
    const after = await startTickerGateway({ graph });
    const back = await listening(after, TICK, on("s", { lastEventId }));
    await waitFor(() => graph.openStreams === 1);
    graph.emit("s");
    await waitFor(() => numbersOf(back).length === 1);
    expect(numbersOf(back)).toEqual([2]);
    expect(back.events("1")[0]?.extensions).not.toHaveProperty("gap");
  });

  test("can come back to another gateway, where the field has versions", async () => {
    const graph = createTickerGraph();
    const [here, there] = [await startTickerGateway({ graph }), await startTickerGateway({ graph })];
    const resident = await listening(there, TICK, on("s"));
    await waitFor(() => numbersOf(resident).length === 1);
    const lastEventId = await cut(here, TICK);
    graph.emit("s");
    await waitFor(() => numbersOf(resident).length === 3);
    const moved = await listening(there, TICK, on("s", { lastEventId }));
    await waitFor(() => numbersOf(moved).length === 1);
    expect(numbersOf(moved)).toEqual([2]);
    expect(moved.events("1")[0]?.extensions).toEqual({ eventId: "2" });
  });
});

describe("an unmodified graphql-ws client", () => {
  test("sees every number once, over cuts, by sending the last id in its extensions", async () => {
    const gateway = await startTickerGateway();
    let socket: WebSocket | undefined;
    const client: Client = createClient({
      url: gateway.socketUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 10,
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 20)),
      on: { opened: (opened) => (socket = opened as WebSocket) },
    });
    onTestFinished(() => void client.dispose());
    const payload = { query: TICK, variables: { topic: "s" }, extensions: {} as Record<string, unknown> };
    const got: number[] = [];
    client.subscribe(payload, {
      next: ({ data, extensions }: FormattedExecutionResult) => {
        got.push((data as { tick: { number: number } }).tick.number);
        payload.extensions["lastEventId"] = extensions?.["eventId"];
      },
      error: () => {},
      complete: () => {},
    });
    await waitFor(() => got.length === 1);
    for (let round = 0; round < 3; round++) {
      socket?.terminate();
      for (let index = 0; index < 5; index++) gateway.graph.emit("s");
      await waitFor(() => got.length === 1 + 5 * (round + 1));
    }
    expect(got).toEqual(Array.from({ length: 16 }, (_, index) => index));
  });
});
