import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { bearer } from "../gateway/support/start-gateway.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { waitFor } from "../../lib/wait.ts";
import { movableClock } from "./support/lone-listener.ts";
import { rawClient, subscribe, type Message, type RawClient } from "./support/raw-client.ts";
import { createTickerGraph, type TickerGraph } from "./support/ticker-graph.ts";
import { startTickerGateway } from "./support/start.ts";

const SECRET = "subscription { secret { number } }";
const TICK = `subscription { tick(topic: "s") { number } }`;
const may = { scopes: ["ticks.view"] };

async function signedIn(authorization: string, env: Record<string, string> = {}) {
  const clock = movableClock();
  const gateway = await startTickerGateway({ env, clock });
  const client = await rawClient(gateway.socketUrl, { authorization });
  onTestFinished(() => client.socket.terminate());
  return { gateway, client, clock };
}

/** Notes every question that reaches a subgraph, of whatever kind. */
function countCalls(graph: TickerGraph): { graph: TickerGraph; calls: string[] } {
  const calls: string[] = [];
  const counted = ([name, endpoint]: [string, GraphQLEndpoint]): [string, GraphQLEndpoint] => [
    name,
    {
      execute: (request) => {
        calls.push(request.query);
        return endpoint.execute(request);
      },
      subscribe: (request, onRestart) => {
        calls.push(request.query);
        return endpoint.subscribe(request, onRestart);
      },
    },
  ];
  return { graph: { ...graph, endpoints: new Map([...graph.endpoints].map(counted)) }, calls };
}

const pongs = ({ messages }: RawClient) =>
  messages.filter(({ type }) => type === "pong").map((m: Message) => m.payload);

describe("a revoked token", () => {
  test.each([
    ["a token", (token: string) => `jti ${String(claimsOf(token)["jti"])}`],
    ["a subject", () => "# left the company\nsub default ada"],
  ])("G2: ends its sockets at once and opens none any more: %s", async (_name, line) => {
    const folder = await temporaryFolder();
    const file = join(folder, "revoked");
    writeFileSync(file, "");
    const authorization = await bearer(may);
    const { client, gateway } = await signedIn(authorization, { TOKEN_REVOCATIONS_FILE: file });
    const other = await rawClient(gateway.socketUrl, { authorization: await bearer({ subject: "bob" }) });
    client.send(subscribe("1", SECRET));
    await client.next("next", "1");
    writeFileSync(file, `${line(authorization)}\n`);
    expect(await client.closed()).toEqual({ code: 4403, reason: "The token no longer holds" });
    expect(await client.next("error", "1")).toMatchObject({
      payload: [{ message: expect.stringContaining("revoked"), extensions: { code: "UNAUTHENTICATED" } }],
    });
    expect(gateway.graph.openStreams).toBe(0);
    const again = await rawClient(gateway.socketUrl, { authorization });
    expect(await again.closed()).toMatchObject({ code: 4403 });
    expect(other.socket.readyState).toBe(other.socket.OPEN);
  });

  test("stops the start when its list cannot be read", async () => {
    const env = { TOKEN_REVOCATIONS_FILE: "/nowhere/revoked" };
    await expect(startTickerGateway({ env })).rejects.toThrow("TOKEN_REVOCATIONS_FILE: /nowhere/revoked");
  });
});

const claimsOf = (authorization: string) =>
  JSON.parse(Buffer.from(authorization.split(".")[1] ?? "", "base64url").toString()) as Record<
    string,
    unknown
  >;

describe("a socket's token", () => {
  test.each([
    ["is malformed", "Bearer x.y.z"],
    ["is of another scheme", "Basic YTpi"],
    ["has expired", undefined],
    ["is no text", { token: 1 }],
  ])("closes it with 4403 when it %s", async (_name, authorization) => {
    const gateway = await startTickerGateway();
    const client = await rawClient(gateway.socketUrl, { initialise: false });
    client.send({
      type: "connection_init",
      payload: { authorization: authorization ?? (await bearer({}, -120)) },
    });
    expect(await client.closed()).toEqual({ code: 4403, reason: "Forbidden" });
  });

  describe("G4: is needed in production, where nobody gets scopes without one", () => {
    const begin = async (payload?: Record<string, unknown>) => {
      const { graph, calls } = countCalls(createTickerGraph());
      const gateway = await startTickerGateway({ graph, env: { NODE_ENV: "production" } });
      const client = await rawClient(gateway.socketUrl, { initialise: false });
      client.send({ type: "connection_init", ...(payload && { payload }) });
      for (const [id, query] of [TICK, "{ slow }"].entries()) client.send(subscribe(`${id}`, query));
      return { client, calls };
    };

    test.each([
      ["no payload", undefined],
      ["an empty payload", {}],
      ["a payload of something else", { token: "Bearer x.y.z" }],
      ["nothing as its value", { authorization: null }],
    ])("closes with 4403 at once for %s, and no subgraph hears of it", async (_what, payload) => {
      const { client, calls } = await begin(payload);
      expect(await client.closed()).toEqual({ code: 4403, reason: "Forbidden" });
      expect(client.messages).toEqual([]);
      expect(calls).toEqual([]);
    });

    test("lets a token in, whose operations the subgraphs do hear of", async () => {
      const { graph, calls } = countCalls(createTickerGraph());
      const gateway = await startTickerGateway({ graph, env: { NODE_ENV: "production" } });
      const client = await rawClient(gateway.socketUrl, { authorization: await bearer() });
      client.send(subscribe("1", TICK));
      client.send(subscribe("2", "{ slow }"));
      await client.next("next", "1");
      await client.next("next", "2");
      expect(calls).toHaveLength(2);
    });
  });

  test("G1: ends everything when it expires: an error for each operation, then 4403", async () => {
    const { client, gateway, clock } = await signedIn(await bearer(may, 600), {
      TOKEN_WARNING_SECONDS: "60",
    });
    client.send(subscribe("1", SECRET));
    client.send(subscribe("2", TICK));
    await client.next("next", "1");
    await client.next("next", "2");
    clock.aheadMs = 595_000;
    expect((await client.next("ping")).payload).toEqual({
      type: "token_expiring",
      expiresInSeconds: expect.any(Number),
    });
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    clock.aheadMs = 600_000;
    expect(await client.closed()).toEqual({ code: 4403, reason: "The token has expired" });
    for (const id of ["1", "2"])
      expect(await client.next("error", id)).toMatchObject({
        payload: [{ extensions: { code: "UNAUTHENTICATED" } }],
      });
    await waitFor(() => gateway.graph.openStreams === 0);
    expect(await gateway.metric("gateway_subscription_ends_total", "expired")).toBe(2);
  });

  test("G5: can be renewed on the socket, and the stream goes on past the first one's end", async () => {
    const { client, gateway, clock } = await signedIn(await bearer(may, 60));
    client.send(subscribe("1", SECRET));
    await client.next("next", "1");
    client.send({ type: "ping", payload: { authorization: await bearer(may, 600) } });
    await waitFor(() => pongs(client).length === 1);
    expect(pongs(client)).toEqual([{ renewed: true }]);
    clock.aheadMs = 61_000;
    gateway.graph.emit("secret");
    await waitFor(() => client.events("1").length === 2);
    expect(gateway.graph.openedStreams).toBe(1);
  });

  test.each([
    ["another subject", { subject: "mallory" }, 90, /another subject or tenant/],
    ["another tenant", { tenant: "other" }, 90, /another subject or tenant/],
    ["a token that ends earlier", {}, 30, /no later/],
    ["a token that has ended", {}, -90, /expired/],
  ])("G5: cannot be exchanged for %s", async (_name, claims, ttlSeconds, reason) => {
    const { client, gateway } = await signedIn(await bearer(may, 60));
    client.send(subscribe("1", SECRET));
    await client.next("next", "1");
    const authorization = await bearer({ ...may, ...claims }, ttlSeconds);
    client.send({ type: "ping", payload: { authorization } });
    await waitFor(() => pongs(client).length === 1);
    expect(pongs(client)).toEqual([{ renewed: false, reason: expect.stringMatching(reason) }]);
    gateway.graph.emit("secret");
    await waitFor(() => client.events("1").length === 2);
  });

  test("G2: takes the subscriptions with it whose scope it no longer has", async () => {
    const { client, gateway } = await signedIn(await bearer(may, 60));
    client.send(subscribe("1", SECRET));
    client.send(subscribe("2", TICK));
    await client.next("next", "1");
    await client.next("next", "2");
    client.send({ type: "ping", payload: { authorization: await bearer({ scopes: [] }, 90) } });
    expect(await client.next("error", "1")).toMatchObject({
      payload: [{ extensions: { code: "FORBIDDEN" } }],
    });
    gateway.graph.emit("secret");
    gateway.graph.emit("s");
    await waitFor(() => client.events("2").length === 2);
    expect(client.events("1")).toHaveLength(1);
    expect(client.events("2").map(({ extensions }) => extensions?.["eventId"])).toEqual(["0", "1"]);
  });
});

const PLACED_TICK = `subscription ($topic: ID!) { tick(topic: $topic) { number place { name } } }`;

describe("tenants", () => {
  test("G6: never share: events of one do not reach the other, though both ask the same", async () => {
    const gateway = await startTickerGateway();
    const query = `subscription { tick(topic: "s") { number tenant } }`;
    const clients = await Promise.all(
      ["red", "blue"].map(async (tenant) => {
        const client = await rawClient(gateway.socketUrl, { authorization: await bearer({ tenant }) });
        client.send(subscribe("1", query, { extensions: { lastEventId: "0" } }));
        return client;
      }),
    );
    await waitFor(() => gateway.graph.openStreams === 2);
    for (let index = 0; index < 3; index++) gateway.graph.emit("s", "red");
    gateway.graph.emit("s", "blue");
    const tenantsOf = (client: RawClient | undefined) =>
      client?.events("1").map(({ data }) => (data as { tick: { tenant: string } }).tick.tenant);
    await waitFor(() => tenantsOf(clients[0])?.length === 3 && tenantsOf(clients[1])?.length === 1);
    expect(tenantsOf(clients[0])).toEqual(["red", "red", "red"]);
    expect(tenantsOf(clients[1])).toEqual(["blue"]);
  });

  test.each([
    ["role", { role: "admin" as const }],
    ["scopes", { scopes: ["more"] }],
    ["departments", { departments: ["paint"] }],
  ])("and neither do callers whose %s differ", async (_name, claims) => {
    const gateway = await startTickerGateway();
    for (const authorization of [await bearer(), await bearer(claims), await bearer({ subject: "bob" })]) {
      const client = await rawClient(gateway.socketUrl, { authorization });
      client.send(subscribe("1", PLACED_TICK, { variables: { topic: "s" } }));
      await client.next("next");
    }
    // Ada and Bob hold the same claims, and share.
    expect(gateway.graph.openStreams).toBe(2);
  });

  test("run under no one's name, but for fields that depend on it", async () => {
    const env = { SUBSCRIPTION_PER_SUBJECT_FIELDS: "" };
    for (const [gateway, subject] of [
      [await startTickerGateway(), "ada"],
      [await startTickerGateway({ env }), "gateway-subscriptions"],
    ] as const) {
      const client = await rawClient(gateway.socketUrl, { authorization: await bearer() });
      client.send(subscribe("1", "subscription { whoAmI { subject } }"));
      expect((await client.next("next")).payload?.data).toEqual({ whoAmI: { subject } });
    }
  });
});
