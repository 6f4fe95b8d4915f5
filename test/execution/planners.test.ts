import { parse } from "graphql";
import { describe, expect, test } from "vitest";
import { fetchesOf } from "../../gateway/execution/plan.ts";
import { createPlanner } from "../../gateway/execution/planner/planners.ts";
import { lostWithoutApollo } from "../../gateway/execution/planner/without-apollo.ts";
import type { LoadedSupergraph } from "../../gateway/supergraph/supergraph.ts";
import { federated } from "./support/supergraph.ts";

const { loaded } = federated("planners", {
  one: "type Query { a: Int c: Int }",
  other: "type Query { b: Int d: Int }",
});
const request = (text: string) => ({ text, labels: new Set<string>(), percentile: 100 });

function plannerOf(supergraph: LoadedSupergraph) {
  const problems: string[] = [];
  const planner = createPlanner({
    supergraph,
    preferred: "native",
    onFallback: (problem) => void problems.push(problem),
  });
  return { problems, plan: (text: string) => planner.planAsync(request(text)) };
}

describe("The native planner", () => {
  test("plans without a word where it can read the supergraph", async () => {
    const { plan, problems } = plannerOf(loaded);
    const { node } = await plan("{ a b }");
    expect(
      fetchesOf(node)
        .map(({ subgraph }) => subgraph)
        .toSorted(),
    ).toEqual(["one", "other"]);
    expect(problems).toEqual([]);
  });

  test.each([
    ["refuses", "type Query @join__type(graph: NOWHERE) { a: Int b: Int }"],
    ["ends its process over", "enum Alone { VALUE }"],
  ])("leaves a supergraph that it %s to Apollo's, and says so once", async (_what, sdl) => {
    const link = `extend schema @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)`;
    const text = `${link}\n${sdl}`;
    const supergraph = { ...loaded, id: sdl, sdl: text, document: parse(text) };
    const { plan, problems } = plannerOf(supergraph);
    // Apollo's planner cannot read these either, and that is the operation's error.
    for (const asked of ["{ a b }", "{ c d }"])
      await expect(plan(asked)).rejects.toThrow(/schema|root|link/i);
    expect(problems).toEqual([expect.stringContaining("the native planner cannot read the supergraph")]);
  });

  test("leaves an operation that it fails at to Apollo's, whose error is the operation's", async () => {
    const { plan, problems } = plannerOf(loaded);
    await expect(plan("{ nothing }")).rejects.toThrow("nothing");
    expect(problems).toEqual([expect.stringContaining("the native planner fails at an operation")]);
  });
});

describe("The only planner", () => {
  const context = federated("a context", {
    one: `type Query { user: User } type User @key(fields: "id") { id: ID! child: Child! }
      type Child @key(fields: "id") { id: ID! }`,
    other: `type Child @key(fields: "id") { id: ID! greeting: String }`,
    third: `type User @key(fields: "id") @context(name: "owner") { id: ID! word: Word! }
      type Word @key(fields: "id") { id: ID! said(by: ID @fromContext(field: "$owner { id }")): String }`,
  }).loaded;

  test("plans what takes two subgraphs, and refuses what only Apollo's could plan", async () => {
    const problems: string[] = [];
    const { planAsync } = createPlanner({
      supergraph: context,
      preferred: "native-only",
      onFallback: (problem) => void problems.push(problem),
    });
    const { node } = await planAsync(request("{ user { child { greeting } } }"));
    expect(fetchesOf(node).map(({ subgraph }) => subgraph)).toEqual(["one", "other"]);
    const refused = { code: "OPERATION_NOT_PLANNABLE", message: expect.stringContaining("asks no other") };
    await expect(planAsync(request("{ user { word { said } } }"))).rejects.toMatchObject(refused);
    expect(problems).toEqual([]);
    await expect(planAsync(request("{ nothing }"))).rejects.toMatchObject(refused);
    expect(problems).toEqual([expect.stringContaining("the native planner fails at an operation")]);
  });

  test("refuses in the same words where it is Apollo's by choice", async () => {
    const problems: string[] = [];
    const onFallback = (problem: string) => void problems.push(problem);
    const { planAsync } = createPlanner({ supergraph: context, preferred: "apollo", onFallback });
    expect((await planAsync(request("{ user { word { said } } }"))).node).toBeDefined();
    const refused = { code: "OPERATION_NOT_PLANNABLE", message: expect.stringContaining("ask for less") };
    await expect(planAsync(request("{ nothing }"))).rejects.toMatchObject(refused);
    expect(problems).toEqual([expect.stringMatching(/the only one here, fails at an operation: .*nothing/)]);
  });

  test("takes what only Apollo's can read for no supergraph", () => {
    const text = `extend schema @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)\ntype Query @join__type(graph: NOWHERE) { a: Int b: Int }`;
    const supergraph = { ...loaded, id: "unread", sdl: text, document: parse(text) };
    expect(() => createPlanner({ supergraph, preferred: "native-only" })).toThrow(
      /the only one here, cannot read the supergraph: ./,
    );
  });

  test("says what is lost when the supergraph loads", () => {
    expect(lostWithoutApollo(context)).toEqual([
      expect.stringContaining("OPERATION_NOT_PLANNABLE"),
      expect.stringMatching(/come from a context: said$/),
    ]);
  });
});

describe("Apollo's planner", () => {
  const { loaded: library } = federated("literals", {
    one: `
      type Query { book(id: ID!, sizes: [Float!], filter: Filter): Book }
      type Subscription { book(id: ID!): Book }
      input Filter { ids: [ID!]! least: Float }
      type Book @key(fields: "id") { id: ID! }`,
    other: `type Book @key(fields: "id") { id: ID! title: String }`,
  });
  const { plan } = createPlanner({ supergraph: library, preferred: "native" });

  test.each([
    `{ book(id: "7") { title } }`,
    `{ book(id: "-7") { title } }`,
    `{ book(id: "007") { title } }`,
    `{ book(id: 7) { title } }`,
    `{ book(id: "12345678901234567890") { title } }`,
    `{ book(id: "x", sizes: [1.50, 2.0, 3, 1e3]) { title } }`,
    `{ book(id: """8""", filter: { least: 0.10, ids: ["9", "x"] }) { title } }`,
    `subscription { book(id: "7") { title } }`,
  ])("may write %s in its own way: the plan is right", (text) => {
    expect(plan(request(text)).node).toBeDefined();
  });
});
