import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildSchema, parse, type OperationDefinitionNode } from "graphql";
import { createDeprecations } from "../../gateway/execution/deprecations.ts";
import { waitFor } from "../../lib/wait.ts";
import { collect } from "./support/collect.ts";
import { bearer, startGateway, type TestGateway } from "./support/start-gateway.ts";

describe("what an operation uses that is deprecated", () => {
  const schema = buildSchema(`
    type Query { old: Int @deprecated(reason: "Use new; gone after 2027-03-31.") new: Int things(in: Filter, size: Int @deprecated(reason: "Use in.")): [Thing] }
    type Thing { id: ID colour: Colour tint: Colour @deprecated }
    input Filter { by: Colour shade: Colour @deprecated(reason: "Use by.") }
    enum Colour { RED CRIMSON @deprecated(reason: "Use RED.") }
  `);
  const used = (query: string) => {
    const document = parse(query);
    const definition = document.definitions[0] as OperationDefinitionNode;
    return createDeprecations(schema)({ document, definition });
  };

  test.each<[string, string, object[] | undefined]>([
    ["nothing", "{ new }", undefined],
    [
      "a field, with the day that its reason names",
      "{ a: old b: old }",
      [{ coordinate: "Query.old", reason: "Use new; gone after 2027-03-31.", sunset: "2027-03-31" }],
    ],
    [
      "a field in a fragment",
      "{ things { ...T } } fragment T on Thing { tint }",
      [{ coordinate: "Thing.tint", reason: "No longer supported", sunset: null }],
    ],
    [
      "a field of another operation's fragment only",
      "query A { new } query B { ...Q } fragment Q on Query { old }",
      undefined,
    ],
    [
      "an argument",
      "{ things(size: 1) { id } }",
      [{ coordinate: "Query.things(size:)", reason: "Use in.", sunset: null }],
    ],
    [
      "an input field and an enum value",
      "{ things(in: { shade: CRIMSON }) { id } }",
      [
        { coordinate: "Filter.shade", reason: "Use by.", sunset: null },
        { coordinate: "Colour.CRIMSON", reason: "Use RED.", sunset: null },
      ],
    ],
  ])("is found: %s", (_what, query, expected) => {
    expect(used(query)).toEqual(expected);
  });
});

describe("the extensions of an answer", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  const DEPRECATIONS = [
    { coordinate: "Boat.speed", reason: "Use miles; gone after 2027-03-31.", sunset: "2027-03-31" },
  ];

  test.each([
    ["over the long way", { "x-execution-path": "1" }, ["compiled", "compiled", "compiled"]],
    ["over the fast lane", {}, [undefined, undefined, undefined]],
  ])("name deprecated fields, cold and warm: %s", async (_way, headers, paths) => {
    const query = `{ boat(id: "b1") { speed } }`;
    for (const executionPath of paths) {
      const { body } = await gateway.post({ query }, headers);
      expect(body).toEqual({
        data: { boat: { speed: 0 } },
        extensions: { deprecations: DEPRECATIONS, ...(executionPath && { executionPath }) },
      });
    }
  });

  test("name deprecated fields beside errors, where Apollo's executor answers", async () => {
    const { body } = await gateway.post({ query: `{ refused boat(id: "b1") { speed } }` });
    expect(body.errors).toHaveLength(1);
    expect(body.extensions).toEqual({ deprecations: DEPRECATIONS });
  });

  test("name deprecated fields with each event of a subscription", async () => {
    const { results, stop } = collect(
      gateway.socketClient(),
      `subscription { boatMoved(id: "b1") { speed } }`,
    );
    await waitFor(() => results.length > 0);
    stop();
    expect(results[0]?.extensions).toMatchObject({ deprecations: DEPRECATIONS });
  });

  test("are missing where there is nothing to tell", async () => {
    const { body } = await gateway.post({ query: `{ boat(id: "b1") { miles } }` });
    expect(body).toEqual({ data: { boat: { miles: expect.any(Number) } } });
  });

  test("pass on what a subgraph says of an idempotency key, warm and cold", async () => {
    const authorization = await bearer();
    const query = `mutation { launch(id: "b1", idempotencyKey: "k-1") { name } }`;
    for (const replayed of [false, true, true]) {
      const { body } = await gateway.post({ query }, { authorization });
      expect(body.extensions).toEqual({
        idempotency: { key: "k-1", replayed, expiresAt: "2030-01-01T00:00:00.000Z" },
      });
    }
  });
});
