import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "./support/start-gateway.ts";

describe("a query over two subgraphs", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  test("joins entities of both", async () => {
    const { status, body } = await gateway.post({
      query: `{ boat(id: "b1") { name hull { material weightKg } } }`,
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      data: { boat: { name: "Boat b1", hull: { material: "aluminium", weightKg: 812.5 } } },
    });
  });

  test("asks for all entities of a type in one request", async () => {
    gateway.graph.hullBatches.length = 0;
    const query = `{ a: boat(id: "b1") { hull { material } } b: boat(id: "b2") { hull { material } } }`;
    const { body } = await gateway.post({ query });
    expect(body.errors).toBeUndefined();
    expect(gateway.graph.hullBatches.flat().sort()).toEqual(["h-b1", "h-b2"]);
  });

  test("passes variables, null for what does not exist, and __typename", async () => {
    const query = `query Boat($id: ID!) { __typename boat(id: $id) { __typename } }`;
    const { body } = await gateway.post({ query, variables: { id: "nobody" } });
    expect(body).toEqual({ data: { __typename: "Query", boat: null } });
  });

  test("answers introspection outside production", async () => {
    const { body } = await gateway.post({ query: "{ __schema { queryType { name } } }" });
    expect(body.data).toEqual({ __schema: { queryType: { name: "Query" } } });
  });

  test("serves queries by GET, but not to the page of another site", async () => {
    const query = encodeURIComponent(`{ boat(id: "b2") { name } }`);
    const address = `${gateway.url}/graphql?query=${query}`;
    const plain = await fetch(address);
    const elsewhere = await fetch(address, {
      headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" },
    });
    expect(await plain.json()).toEqual({ data: { boat: { name: "Boat b2" } } });
    expect(elsewhere.status).toBe(403);
  });
});

describe("errors of a query", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  test("keeps coded errors of a subgraph, with its name, the path and the correlation id", async () => {
    const { body } = await gateway.post({ query: "{ refused }" }, { "x-correlation-id": "trace-7" });
    expect(body.errors).toEqual([
      {
        message: "The boat is at sea",
        path: ["refused"],
        extensions: { code: "CONFLICT", subgraph: "fleet", retryable: true, correlationId: "trace-7" },
      },
    ]);
  });

  test("masks everything else", async () => {
    const { body } = await gateway.post({ query: "{ broken }" });
    expect(JSON.stringify(body)).not.toContain("hunter2");
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: "INTERNAL", subgraph: "fleet" });
  });

  test.each([
    ["broken JSON", "{", "BAD_USER_INPUT"],
    ["a syntax error", { query: "{ boat(" }, "GRAPHQL_PARSE_FAILED"],
    ["an unknown field", { query: "{ boot }" }, "GRAPHQL_VALIDATION_FAILED"],
    ["a missing variable", { query: "query ($id: ID!) { boat(id: $id) { id } }" }, "BAD_USER_INPUT"],
    ["no query", {}, "BAD_USER_INPUT"],
    ["null", "null", "BAD_USER_INPUT"],
    [
      "an unknown operation name",
      { query: "query A { whoAmI } query B { whoAmI }", operationName: "C" },
      "OPERATION_RESOLUTION_FAILURE",
    ],
  ])("answers %s with a coded 400 that quotes the correlation id", async (_name, body, code) => {
    const response = await gateway.post(body, { "x-correlation-id": "bad-1" });
    expect(response.status).toBe(400);
    expect(JSON.stringify(response.body)).toContain("bad-1");
    expect(JSON.stringify(response.body)).toContain(code);
    expect(response.headers.get("x-correlation-id")).toBe("bad-1");
  });

  test("replaces a correlation id that is not harmless text", async () => {
    const { headers } = await gateway.post({ query: "{ whoAmI }" }, { "x-correlation-id": 'x"y' });
    expect(headers.get("x-correlation-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});
