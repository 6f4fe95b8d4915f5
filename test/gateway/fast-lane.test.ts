import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearer, startGateway, type TestGateway } from "./support/start-gateway.ts";

describe("a request that has been seen before", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  const send = async (body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", "x-correlation-id": "lane-1", ...headers },
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const HEADERS = ["content-type", "cache-control", "content-length", "x-correlation-id"];

  test.each([
    [
      "a query",
      {
        query: `query Q($id: ID!) { boat(id: $id) { id name hull { code material weightKg } } }`,
        variables: { id: "b1" },
      },
    ],
    [
      "an entity that is not there",
      { query: `query N($id: ID!) { boat(id: $id) { name } }`, variables: { id: "nobody" } },
    ],
    [
      "a named operation among several",
      { query: 'query A { whoAmI } query B { boat(id: "b2") { miles } }', operationName: "B" },
    ],
    ["errors of a subgraph", { query: "{ refused whoAmI }" }],
    [
      "variables that do not fit",
      { query: `query V($id: ID!) { boat(id: $id) { name } }`, variables: { id: [1] } },
    ],
  ])("is answered with the same bytes and headers as the first time: %s", async (_name, body) => {
    // The fast lane leaves requests with this header to the long way, whatever its value.
    const long = await send(body, { "x-execution-path": "0" });
    const first = await send(body);
    const second = await send(body);
    const third = await send(body);
    for (const response of [first, second, third]) {
      expect(response.text).toBe(long.text);
      expect(response.status).toBe(long.status);
      for (const name of HEADERS) expect(response.headers.get(name)).toBe(long.headers.get(name));
    }
  });

  test("is executed once, also when its answer has errors", async () => {
    const body = {
      query: `mutation R($id: ID!) { rename(id: $id, name: "x") { name hull { material } } }`,
      variables: { id: "b1" },
    };
    const authorization = await bearer();
    await send(body, { authorization });
    gateway.graph.hullBatches.length = 0;
    const { text } = await send(body, { authorization });
    expect(text).toContain("aluminium");
    expect(gateway.graph.hullBatches).toEqual([["h-b1"]]);
  });

  test("is still refused to a caller who may not ask for it", async () => {
    const body = { query: "{ secretPlan }" };
    const allowed = await bearer({ scopes: ["plans.view"] });
    for (let time = 0; time < 3; time++) await send(body, { authorization: allowed });
    const anonymous = await send(body);
    const other = await send(body, { authorization: await bearer() });
    const forged = await send(body, { authorization: "Bearer forged" });
    expect(anonymous.text).toContain("UNAUTHENTICATED");
    expect(other.text).toContain("FORBIDDEN");
    expect(forged.status).toBe(401);
    for (const { text } of [anonymous, other, forged]) expect(text).not.toContain("sail at dawn");
  });

  test("carries each caller's own identity and correlation id", async () => {
    const body = { query: "query Me { whoAmI }" };
    for (const subject of ["ada", "bob", "ada", "bob"]) {
      const { text } = await send(body, {
        authorization: await bearer({ subject }),
        "x-correlation-id": `id-${subject}`,
      });
      expect(text).toContain(`${subject} id-${subject}`);
    }
  });

  test("counts in the same metrics", async () => {
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/gateway_operations_total\{kind="query",outcome="ok"\} [1-9]/);
    expect(metrics).toMatch(/gateway_executions_total\{path="compiled"\} [1-9]/);
    expect(metrics).toMatch(/gateway_executions_total\{path="compiled"\} [1-9]/);
  });

  test.each([
    ["compiled", "{ whoAmI }"],
    ["compiled", "{ refused }"],
  ])("says on request which way it was executed: %s", async (path, query) => {
    await send({ query });
    const { text } = await send({ query }, { "x-execution-path": "1" });
    expect(JSON.parse(text)).toMatchObject({ extensions: { executionPath: path } });
  });

  test("passes bodies on that could hurt a careless parser", async () => {
    const query = "query P($id: ID!) { boat(id: $id) { name } }";
    await send({ query, variables: { id: "b1" } });
    const response = await fetch(`${gateway.url}/graphql`, {
      method: "POST",
      body: `{"query":${JSON.stringify(query)},"variables":{"id":"b1"},"__proto__":{"x":1}}`,
      headers: { "content-type": "application/json" },
    });
    expect(response.status).toBe(400);
  });
});
