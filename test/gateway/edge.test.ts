import { writeFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { collect } from "./support/collect.ts";
import { bearer, startGateway, type TestGateway } from "./support/start-gateway.ts";
import { answers, resets, startSickSubgraph } from "./support/sick-subgraph.ts";

const open: TestGateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

async function start(
  env: Record<string, string> = {},
  options: Parameters<typeof startGateway>[1] = {},
): Promise<TestGateway> {
  const gateway = await startGateway(env, options);
  open.push(gateway);
  return gateway;
}

interface Health extends Record<string, unknown> {
  supergraph: Record<string, unknown>;
  planCache: Record<string, number>;
}

const ask = async (gateway: TestGateway, selection: string) => {
  const authorization = await bearer({ scopes: ["portfolio.view"] });
  const { body } = await gateway.post({ query: `{ gatewayHealth { ${selection} } }` }, { authorization });
  expect(body.errors).toBeUndefined();
  return body.data?.["gatewayHealth"] as Health;
};

const CIRCUIT = "circuitBreaker { name state threshold transitions(last: 5) { from to } }";

describe("gatewayHealth", () => {
  test("tells of every subgraph whether it answers, how fast, and its circuit; not of the gateway's own part", async () => {
    const gateway = await start();
    const { subgraphs } = await ask(
      gateway,
      `subgraphs { name reachable latencyP95Ms lastError ${CIRCUIT} }`,
    );
    expect(subgraphs).toMatchObject([
      { name: "fleet", reachable: true, latencyP95Ms: expect.any(Number), lastError: null },
      { name: "yard", reachable: true, circuitBreaker: { name: "yard", state: "CLOSED", transitions: [] } },
    ]);
  });

  test("tells which supergraph is served, and why a changed file is not", async () => {
    const gateway = await start();
    const selection = "supergraph { id loadedAt lastError }";
    const before = await ask(gateway, selection);
    expect(before).toMatchObject({
      supergraph: { id: expect.stringMatching(/^[0-9a-f]{16}$/), lastError: null },
    });
    writeFileSync(gateway.supergraphFile, "type Query {");
    await waitFor(async () => (await ask(gateway, selection)).supergraph["lastError"] !== null);
    expect(await ask(gateway, selection)).toMatchObject({
      supergraph: { ...before.supergraph, lastError: expect.stringContaining("Syntax Error") },
    });
  });

  test("counts plans, requests and their paths", async () => {
    const gateway = await start();
    const query = `query Boats { boat(id: "b1") { name } }`;
    for (let n = 0; n < 3; n++) await gateway.post({ query });
    await gateway.post({ query: "{ broken }" });
    const health = await ask(
      gateway,
      "planCache { size capacity hits misses } requests { queries failed compiled }",
    );
    expect(health["requests"]).toMatchObject({ queries: 4, failed: 1, compiled: 4 });
    expect(health.planCache["hits"]).toBeGreaterThanOrEqual(2);
  });

  test("counts triggers, listeners, sockets and events", async () => {
    const gateway = await start();
    const client = gateway.socketClient();
    const streams = [1, 2].map(() => collect(client, `subscription { boatMoved(id: "b1") { miles } }`));
    await waitFor(() => streams.every(({ results }) => results.length === 1));
    const { subscriptions } = await ask(
      gateway,
      "subscriptions { triggers listeners sockets httpStreams eventsIn eventsOut }",
    );
    expect(subscriptions).toEqual({
      triggers: 1,
      listeners: 2,
      sockets: 1,
      httpStreams: 0,
      eventsIn: 1,
      eventsOut: expect.any(Number),
    });
  });

  test.each([
    ["nobody in particular", undefined, "UNAUTHENTICATED"],
    ["somebody without the scope", { scopes: ["plm.view"] }, "FORBIDDEN"],
  ])("is not for %s", async (_who, claims, code) => {
    const gateway = await start();
    const headers = claims && { authorization: await bearer(claims) };
    const { body } = await gateway.post({ query: "{ gatewayHealth { instance } }" }, headers);
    expect(body.errors?.[0]?.extensions?.["code"]).toBe(code);
  });

  test("names the field, the value and the range when a count is out of bounds", async () => {
    const gateway = await start();
    const authorization = await bearer({ scopes: ["plm.admin"] });
    const query = "{ gatewayHealth { streams(first: 0) { name } } }";
    const { body } = await gateway.post({ query }, { authorization });
    expect(body.errors).toMatchObject([
      {
        message: "streams.first: 0 is not allowed; expected 1 to 100",
        extensions: { code: "BAD_USER_INPUT" },
      },
    ]);
  });
});

describe("subgraphHealth", () => {
  const QUERY =
    "subscription ($name: String) { subgraphHealth(name: $name) { name reachable circuitBreaker { state cause } } }";

  test("starts with the present state and follows a subgraph through an outage and back", async () => {
    const yard = await startSickSubgraph(answers({ data: { __typename: "Query" } }));
    const gateway = await start(
      {
        SUBGRAPH_URLS: `yard=${yard.url}`,
        SUBGRAPH_CIRCUIT_THRESHOLD: "2",
        SUBGRAPH_CIRCUIT_OPEN_MS: "50",
      },
      { inProcess: false },
    );
    await ask(gateway, "subgraphs { reachable }");
    const client = gateway.socketClient(await bearer({ scopes: ["plm.admin"] }));
    const { results } = collect(client, QUERY, { name: "yard" });
    const latest = () =>
      results.at(-1)?.data?.["subgraphHealth"] as
        | { reachable: boolean; circuitBreaker: { state: string } }
        | undefined;
    await waitFor(() => latest()?.reachable);
    yard.behave(resets);
    for (const n of [1, 2]) await gateway.post({ query: `{ hull(code: "h${n}") { material } }` });
    await waitFor(() => latest()?.circuitBreaker.state !== "CLOSED");
    expect(latest()).toMatchObject({ name: "yard", reachable: false });
    yard.behave(answers({ data: { __typename: "Query" } }));
    await waitFor(() => latest()?.circuitBreaker.state === "CLOSED");
    expect(latest()).toMatchObject({ reachable: true, circuitBreaker: { cause: null } });
  });

  test("without a name tells of all of them", async () => {
    const gateway = await start();
    const client = gateway.socketClient(await bearer({ scopes: ["plm.admin"] }));
    const { results } = collect(client, QUERY);
    await waitFor(() => results.length >= 2);
    const names = results.map(({ data }) => (data?.["subgraphHealth"] as { name: string } | undefined)?.name);
    expect(new Set(names)).toEqual(new Set(["fleet", "yard"]));
  });

  test.each([
    ["an unknown subgraph", { scopes: ["plm.admin"] }, "NOT_FOUND"],
    ["a caller without the scope", { scopes: [] }, "FORBIDDEN"],
  ])("is refused for %s", async (_what, claims, code) => {
    const gateway = await start();
    const { ends, results } = collect(gateway.socketClient(await bearer(claims)), QUERY, { name: "nowhere" });
    await waitFor(() => ends.length > 0);
    const errors = [ends[0], ...results.map((result) => result.errors)].flat();
    expect(errors).toContainEqual(expect.objectContaining({ extensions: expect.objectContaining({ code }) }));
  });
});
