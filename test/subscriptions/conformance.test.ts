import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { rawClient, subscribe, type RawOptions } from "./support/raw-client.ts";
import { startTickerGateway, type TickerGateway } from "./support/start.ts";

/**
 * graphql-transport-ws as this gateway has it, with its own limits. What the protocol asks of everybody is in `conformance/`,
 * and test/conformance holds this gateway to it.
 */
const QUERY = `subscription { tick(topic: "a") { number } }`;

let url = "";
let ours: TickerGateway | undefined;
beforeAll(async () => {
  ours = await startTickerGateway({ isShared: true });
  url = ours.socketUrl;
});
afterAll(() => ours?.close());

async function connect(options: RawOptions = {}) {
  const client = await rawClient(url, options);
  onTestFinished(() => client.socket.terminate());
  return client;
}

const uninitialised: RawOptions = { initialise: false };

describe("the opening of a connection", () => {
  test.each([
    ["W02", "no subprotocol", []],
    ["W03", "another subprotocol", ["graphql-ws"]],
  ])("%s: ends with 4406 for %s", async (_id, _name, protocols) => {
    const client = await connect({ protocols, ...uninitialised });
    expect([1006, 4406]).toContain((await client.closed()).code);
  });

  test("W04: ends with 4408 when nothing initialises it", async () => {
    const client = await connect(uninitialised);
    expect(await client.closed()).toMatchObject({ code: 4408 });
  });

  test("W05: ends with 4429 for a second initialisation, also before the first is answered", async () => {
    const client = await connect(uninitialised);
    client.send({ type: "connection_init" });
    client.send({ type: "connection_init" });
    expect(await client.closed()).toMatchObject({ code: 4429 });
  });

  test("W06: ends with 4429 for a second initialisation after the acknowledgement", async () => {
    const client = await connect();
    client.send({ type: "connection_init" });
    expect(await client.closed()).toMatchObject({ code: 4429 });
  });

  test("W07: ends with 4401 for a subscription before the acknowledgement", async () => {
    const client = await connect(uninitialised);
    client.send(subscribe("1", QUERY));
    expect(await client.closed()).toMatchObject({ code: 4401 });
  });

  test("answers pings before and after initialisation, with their payload", async () => {
    const client = await connect(uninitialised);
    client.send({ type: "ping", payload: { n: 1 } });
    await client.next("pong");
    client.send({ type: "connection_init", payload: {} });
    await client.next("connection_ack");
    client.send({ type: "pong" });
    client.send({ type: "ping" });
    await waitFor(() => client.messages.filter(({ type }) => type === "pong").length === 2);
  });

  test("W41: does not negotiate compression", async () => {
    const client = await connect({ options: { perMessageDeflate: true } });
    expect(client.socket.extensions).toBe("");
  });
});

describe("messages", () => {
  test.each([
    ["W08", "no JSON", "{"],
    ["W09", "nothing", ""],
    ["W10", "null", "null"],
    ["W11", "a list", "[]"],
    ["W12", "a text", '"x"'],
    ["W13", "no type", "{}"],
    ["W14", "an unknown type", { type: "start" }],
    ["W15", "a server's message", { type: "next", id: "1", payload: { data: {} } }],
    ["W16", "a type that is no text", { type: 1 }],
    ["W17", "a subscription without id", { type: "subscribe", payload: { query: QUERY } }],
    ["W18", "an empty id", { type: "subscribe", id: "", payload: { query: QUERY } }],
    ["W19", "an id that is no text", { type: "subscribe", id: 1, payload: { query: QUERY } }],
    ["W20", "no payload", { type: "subscribe", id: "1" }],
    ["W21", "a query that is no text", { type: "subscribe", id: "1", payload: { query: 1 } }],
    ["W21a", "variables that are no object", subscribe("1", QUERY, { variables: "x" })],
    ["W21b", "variables that are a list", subscribe("1", QUERY, { variables: [1] })],
    ["W21c", "extensions that are no object", subscribe("1", QUERY, { extensions: "x" })],
    ["W21d", "an operation name that is no text", subscribe("1", QUERY, { operationName: {} })],
    ["W21e", "an end without id", { type: "complete" }],
    ["W21f", "a ping whose payload is no object", { type: "ping", payload: "x" }],
  ])("%s: end the connection with 4400 for %s", async (_id, _name, message) => {
    const client = await connect();
    client.send(message);
    expect(await client.closed()).toMatchObject({ code: 4400 });
  });

  test("W38: end it with 1009 when they are too large", async () => {
    const client = await connect();
    client.send(subscribe("1", QUERY, { variables: { x: "x".repeat(2 * 1_048_576) } }));
    expect(await client.closed()).toMatchObject({ code: 1009 });
  });

  test("W39: survive variables that are 3,000 deep", async () => {
    const client = await connect();
    const deep = `${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`;
    client.send(
      `{"id":"1","type":"subscribe","payload":{"query":${JSON.stringify(QUERY)},"variables":${deep}}}`,
    );
    await waitFor(() => client.messages.some(({ id }) => id === "1"));
  });
});

describe("operations", () => {
  test("begin with an event and end when the client says so", async () => {
    const client = await connect();
    client.send(subscribe("1", QUERY));
    expect((await client.next("next", "1")).payload?.data).toBeTruthy();
    client.send({ id: "1", type: "complete" });
    client.send(subscribe("1", QUERY));
    await waitFor(() => client.events("1").length >= 2);
  });

  test("W24: end the connection with 4409 when their id is in use", async () => {
    const client = await connect();
    client.send(subscribe("1", QUERY));
    client.send(subscribe("1", QUERY));
    expect(await client.closed()).toMatchObject({ code: 4409 });
  });

  test.each([
    ["W32", "a syntax error", "subscription {"],
    ["W32b", "an unknown field", "subscription { nowhere }"],
    ["W32c", "an unknown fragment", "subscription { ...nowhere }"],
    ["W32d", "an empty document", ""],
  ])("%s: are refused alone for %s", async (_id, _name, query) => {
    const client = await connect();
    client.send(subscribe("1", query));
    const { payload } = await client.next("error", "1");
    expect(payload).toEqual([expect.objectContaining({ message: expect.any(String) })]);
    client.send(subscribe("1", QUERY));
    await client.next("next", "1");
  });

  test("take queries too: one result, then the end", async () => {
    const client = await connect();
    client.send(subscribe("q", "{ __typename }"));
    expect((await client.next("next", "q")).payload?.data).toEqual({ __typename: "Query" });
    await client.next("complete", "q");
  });

  test("are unknown to an end that nobody asked for", async () => {
    const client = await connect();
    client.send({ id: "never", type: "complete" });
    client.send({ type: "ping" });
    expect(await client.next("pong")).toEqual({ type: "pong" });
  });

  test("keep ids with any characters apart", async () => {
    const client = await connect();
    const ids = ['a"b', "ключ", "x".repeat(200)];
    for (const id of ids) client.send(subscribe(id, QUERY));
    for (const id of ids) expect((await client.next("next", id)).payload?.data).toBeTruthy();
  });
});

describe("our own limits", () => {
  test("W42: refuse the subscription that is one too many and keep the rest", async () => {
    const client = await connect();
    for (let index = 0; index <= 100; index++) client.send(subscribe(`${index}`, QUERY));
    expect((await client.next("error", "100")).payload).toMatchObject([
      { extensions: { code: "RATE_LIMITED" } },
    ]);
    await client.next("next", "99");
    expect(client.messages.some(({ type, id }) => type === "next" && id === "100")).toBe(false);
  });

  test("G8: are counted by identity over all its sockets", async () => {
    const gateway = await startTickerGateway({
      env: { SUBSCRIPTIONS_PER_IDENTITY: "1", SOCKETS_PER_IDENTITY: "2", SOCKETS_MAX: "3" },
    });
    const [a, b] = [await rawClient(gateway.socketUrl), await rawClient(gateway.socketUrl)];
    a.send(subscribe("1", QUERY));
    await a.next("next", "1");
    b.send(subscribe("1", QUERY));
    expect((await b.next("error", "1")).payload).toMatchObject([{ extensions: { code: "RATE_LIMITED" } }]);
    const tooMany = await rawClient(gateway.socketUrl);
    expect(await tooMany.closed()).toMatchObject({ code: 1013 });
    a.send({ id: "1", type: "complete" });
    b.send(subscribe("2", QUERY));
    await b.next("next", "2");
  });

  test("G8: refuse a socket beyond the total before it is one", async () => {
    const gateway = await startTickerGateway({ env: { SOCKETS_MAX: "1" } });
    await rawClient(gateway.socketUrl);
    const refused = await rawClient(gateway.socketUrl, uninitialised);
    expect(await refused.closed()).toMatchObject({ code: 1006 });
  });

  test("W40: turn pages of a foreign origin away", async () => {
    const gateway = await startTickerGateway();
    const client = await rawClient(gateway.socketUrl, { options: { origin: "https://evil.example" } });
    expect(await client.closed()).toMatchObject({ code: 1006 });
  });

  test.each(["https://desk.example", "*"])("let pages in whose origin is listed: %s", async (allowed) => {
    const gateway = await startTickerGateway({ env: { ALLOWED_ORIGINS: allowed } });
    const client = await rawClient(gateway.socketUrl, { options: { origin: "https://desk.example" } });
    expect(client.messages).toMatchObject([{ type: "connection_ack" }]);
  });

  test("let the gateway's own pages in, and nobody on another path", async () => {
    const gateway = await startTickerGateway();
    const own = await rawClient(gateway.socketUrl, { options: { origin: gateway.url } });
    expect(own.messages).toMatchObject([{ type: "connection_ack" }]);
    const lost = await rawClient(gateway.socketUrl.replace("graphql", "elsewhere"), uninitialised);
    expect(await lost.closed()).toMatchObject({ code: 1006 });
  });

  test("W02: say 4406 in so many words to a client without a subprotocol", async () => {
    const client = await connect({ protocols: [], ...uninitialised });
    expect(await client.closed()).toEqual({ code: 4406, reason: "Subprotocol not acceptable" });
  });

  test.each([
    ["G10", "a compressed bomb", bomb(), 1002],
    ["W43", "an unmasked frame", Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
    ["W46", "reserved bits", Buffer.from([0xf1, 0x80, 0, 0, 0, 0]), 1002],
    ["W44", "text that is not UTF-8", Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]), 1007],
    [
      "W45",
      "a frame that announces 4 GiB",
      Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
      1009,
    ],
  ])("%s: end the connection for %s", async (_id, _name, bytes, code) => {
    const client = await connect();
    const raw = (client.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket;
    raw.write(bytes);
    expect(await client.closed()).toMatchObject({ code });
  });
});

/** Ten megabytes of nothing in a frame that says it is compressed, masked with zeros. */
function bomb(): Buffer {
  const packed = deflateRawSync(Buffer.alloc(10_485_760));
  const header = Buffer.from([0xc1, 0xfe, packed.length >> 8, packed.length & 255, 0, 0, 0, 0]);
  return Buffer.concat([header, packed]);
}
