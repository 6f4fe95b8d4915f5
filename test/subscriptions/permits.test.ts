import { unwatchFile, watchFile, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GraphQLError } from "graphql";
import { describe, expect, onTestFinished, test } from "vitest";
import { bearer } from "../gateway/support/start-gateway.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { waitFor } from "../../lib/wait.ts";
import { openStream } from "./support/http-stream.ts";
import { loneListener, movableClock } from "./support/lone-listener.ts";
import { rawClient, subscribe, type RawClient } from "./support/raw-client.ts";
import { serveTicker, startTickerGateway, type TickerGateway } from "./support/start.ts";
import { createTickerGraph } from "./support/ticker-graph.ts";

const TICK = `subscription { tick(topic: "s") { number } }`;
const SECRET = "subscription { secret { number } }";

describe("an event for a listener", () => {
  test("is authorised by one look at the epoch, and anew in every new one", () => {
    const { permits, asked, emit, said } = loneListener();
    for (const id of ["1", "2", "3"]) emit(id);
    expect(asked).toEqual([]);
    permits.epoch = 2;
    for (const id of ["4", "5"]) emit(id);
    expect(asked).toEqual([2]);
    expect(said).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("is the first that does not come after the caller has lost what the operation needs", () => {
    const { permits, emit, said, listeners } = loneListener();
    emit("1");
    permits.epoch = 2;
    permits.refusals = () => [new GraphQLError("Missing scope", { extensions: { code: "FORBIDDEN" } })];
    emit("2");
    emit("3");
    expect(said).toEqual(["1", "Missing scope"]);
    expect(listeners.size).toBe(0);
  });

  test("does not come when the token is revoked or at its end", () => {
    const { permits, clock, emit, said } = loneListener();
    permits.epoch = 2;
    permits.isRevoked = () => true;
    emit("1");
    permits.isRevoked = () => false;
    emit("2");
    clock.aheadMs = 60_001;
    emit("3");
    expect(said).toEqual(["2"]);
  });

  test.each([
    [
      "lost its scope",
      { refusals: () => [new GraphQLError("No", { extensions: { code: "FORBIDDEN" } })] },
      ["1", "No"],
    ],
    ["was revoked", { isRevoked: () => true }, ["1"]],
  ])("does not come late either, to a slow client that %s", (_name, change, expected) => {
    const { permits, lane, emit, drain, said } = loneListener();
    emit("1");
    lane.bufferedBytes = 1e6;
    emit("2");
    Object.assign(permits, change, { epoch: 2 });
    drain();
    expect(said).toEqual(expected);
  });

  test("still comes to a slow client after the source has ended, unless the client has gone or may not", () => {
    for (const [change, expected] of [
      [{}, ["1", "2", "complete"]],
      [
        { epoch: 2, refusals: () => [new GraphQLError("No", { extensions: { code: "FORBIDDEN" } })] },
        ["1", "No"],
      ],
      [undefined, ["1"]],
    ] as const) {
      const { permits, lane, emit, drain, said, listener, running } = loneListener();
      emit("1");
      lane.bufferedBytes = 1e6;
      emit("2");
      listener.complete();
      if (change) Object.assign(permits, change);
      else running.stop("client");
      drain();
      expect(said).toEqual(expected);
    }
  });
});

/** Calls back in the same turn in which the gateway has read the list of revocations, right after it. */
function rightAfterReading(file: string, action: () => void): Promise<void> {
  return new Promise((resolve) => {
    const changed = () => {
      action();
      resolve();
    };
    watchFile(file, { interval: 1_000, persistent: false }, changed);
    onTestFinished(() => unwatchFile(file, changed));
  });
}

const numbersOf = (client: RawClient) =>
  client.events("1").map(({ data }) => Object.values(data as Record<string, { number: number }>)[0]?.number);

async function watching(gateway: TickerGateway, query: string, authorization?: string): Promise<RawClient> {
  const client = await rawClient(gateway.socketUrl, authorization === undefined ? {} : { authorization });
  onTestFinished(() => client.socket.terminate());
  client.send(subscribe("1", query, { extensions: {} }));
  await client.next("next", "1");
  return client;
}

/** The same supergraph, with a field that wants to know who asks. */
function authenticated(sdl: string, field: string): string {
  const link = `@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)`;
  const more = `@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)`;
  const definition = "directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM";
  const changed = sdl.replace(link, `${link} ${more}`).replace(field, `${field} @authenticated`);
  return `${changed}\n${definition}\n`;
}

describe("the events of a trigger that several share", () => {
  test("stop for the one whose token is revoked with the very next one, on every transport", async () => {
    const file = join(await temporaryFolder(), "revoked");
    writeFileSync(file, "");
    const gateway = await startTickerGateway({ env: { TOKEN_REVOCATIONS_FILE: file } });
    const eve = await bearer({ subject: "eve" });
    const [revoked, other] = [
      await watching(gateway, TICK, eve),
      await watching(gateway, TICK, await bearer({ subject: "bob" })),
    ];
    const stream = await openStream(`${gateway.url}/graphql`, {
      headers: { authorization: eve },
      body: { query: TICK },
    });
    await waitFor(() => stream.text().includes('"number":0'));
    expect(gateway.graph.openStreams).toBe(1);
    const read = rightAfterReading(file, () => gateway.graph.emit("s"));
    writeFileSync(file, "sub default eve\n");
    await read;
    await waitFor(() => numbersOf(other).length === 2);
    expect(await revoked.closed()).toMatchObject({ code: 4403 });
    await waitFor(() => stream.isEnded());
    expect(numbersOf(revoked)).toEqual([0]);
    expect(stream.text()).not.toContain('"number":1');
    expect(stream.text()).toContain("UNAUTHENTICATED");
    gateway.graph.emit("s");
    await waitFor(() => numbersOf(other).length === 3);
  });

  test("stop for the one whose token has ended, in the very moment", async () => {
    const clock = movableClock();
    const gateway = await startTickerGateway({ clock });
    const ended = await watching(gateway, TICK, await bearer({ subject: "eve" }, 60));
    const other = await watching(gateway, TICK, await bearer({ subject: "bob" }, 600));
    clock.aheadMs = 61_000;
    ended.send(subscribe("late", TICK));
    gateway.graph.emit("s");
    await waitFor(() => numbersOf(other).length === 2);
    expect(await ended.closed()).toMatchObject({ code: 4403 });
    expect(numbersOf(ended)).toEqual([0]);
    // Not refused, which would be for good: graphql-ws asks again on the next connection.
    expect(ended.messages.filter(({ id }) => id === "late")).toEqual([]);
    expect(gateway.graph.openStreams).toBe(1);
  });

  test("stop for the one who comes with a lesser token, and for nobody else", async () => {
    const gateway = await startTickerGateway();
    const scopes = ["ticks.view"];
    const lesser = await watching(gateway, SECRET, await bearer({ subject: "eve", scopes }));
    const other = await watching(gateway, SECRET, await bearer({ subject: "bob", scopes }));
    expect(gateway.graph.openStreams).toBe(1);
    lesser.send({ type: "ping", payload: { authorization: await bearer({ subject: "eve" }, 90) } });
    await waitFor(() => lesser.messages.some(({ type }) => type === "pong"));
    gateway.graph.emit("secret");
    await waitFor(() => numbersOf(other).length === 2);
    expect(await lesser.next("error", "1")).toMatchObject({
      payload: [{ extensions: { code: "FORBIDDEN" } }],
    });
    expect(numbersOf(lesser)).toEqual([0]);
    expect(lesser.socket.readyState).toBe(lesser.socket.OPEN);
  });

  test("stop for anonymous listeners when a field in the other subgraph begins to want a token", async () => {
    const gateway = await startTickerGateway({ env: { ANONYMOUS_SCOPES: "" } });
    const query = `subscription { tick(topic: "s") { number place { name } } }`;
    const nobody = await watching(gateway, query);
    const somebody = await watching(gateway, query, await bearer());
    const sdl = authenticated(gateway.graph.sdl, "name: String! @join__field(graph: PLACES)");
    writeFileSync(gateway.supergraphFile, sdl);
    expect(await nobody.next("error", "1")).toMatchObject({
      payload: [{ extensions: { code: "UNAUTHENTICATED" } }],
    });
    gateway.graph.emit("s");
    await waitFor(() => numbersOf(somebody).length === 2);
    expect(numbersOf(nobody)).toEqual([0]);
    await waitFor(() => gateway.graph.openStreams === 1);
  });

  test("leave no stream behind when a new supergraph sends all of them away", async () => {
    const graph = createTickerGraph();
    const [here, there] = [await serveTicker(graph, "ticker"), await serveTicker(graph, "ticker")];
    const sdlWith = (url: string) => graph.sdl.replace("http://127.0.0.1:1/ticker", url);
    const gateway = await startTickerGateway({
      graph: { ...graph, sdl: sdlWith(here.url) },
      inProcess: false,
    });
    const query = `subscription { plain(topic: "s") { number } }`;
    const nobody = await watching(gateway, query);
    writeFileSync(gateway.supergraphFile, authenticated(sdlWith(there.url), "plain(topic: ID!): PlainTick!"));
    await nobody.next("error", "1");
    const somebody = await watching(gateway, query, await bearer());
    expect(graph.openedStreams).toBe(2);
    somebody.send({ id: "1", type: "complete" });
    await waitFor(() => graph.openStreams === 0);
    expect(await gateway.metric("gateway_subscription_triggers")).toBe(0);
  });

  test("that wait for a slow client are not sent under a token that would not have got them", async () => {
    const gateway = await startTickerGateway({ env: { WAITING_BYTES_PER_CONNECTION: "67108864" } });
    const query = `subscription { tick(topic: "s", size: 50000) { number padding } }`;
    const client = await watching(gateway, query, await bearer({ role: "admin" }));
    client.socket.pause();
    for (let number = 1; number <= 200; number++) gateway.graph.emit("s");
    await waitFor(async () => (await gateway.metric("gateway_subscription_events_out_total")) === 201);
    client.send({ type: "ping", payload: { authorization: await bearer({ role: "operator" }, 90) } });
    await waitFor(() => gateway.graph.openedStreams === 2);
    client.socket.resume();
    await waitFor(() => numbersOf(client).at(-1) === 200);
    // The state as the new claims see it, after a gap where the waiting events would have been.
    expect(numbersOf(client).length).toBeLessThan(200);
    expect(client.events("1").at(-1)?.extensions).toEqual({ eventId: "200", gap: true });
    gateway.graph.emit("s");
    await waitFor(() => numbersOf(client).at(-1) === 201);
  });
});
