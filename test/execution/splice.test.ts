import { parse, print, visit, Kind, type FieldNode, type SelectionSetNode } from "graphql";
import { describe, expect, test } from "vitest";
import { createComparator } from "./support/compare.ts";
import { federated } from "./support/supergraph.ts";

const comparator = createComparator(
  federated("orders", {
    orders: `type Query { order(a: Int, b: Int, c: Int): Order } type Order { id: ID! count: Int! model: Model! spare: Model! lines: [Line!]! }
      type Line { part: String! model: Model! } type Model @key(fields: "id", resolvable: false) { id: ID! stock: Int! }`,
    catalog: `type Model @key(fields: "id") { id: ID! name: String! note: String! features: [Feature!]! } type Feature { code: ID! label: String! }`,
  }),
);

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

/** What clients that cache make of an operation: a type name at the end of every selection but the root's. */
function withTypenames(query: string): string {
  const document = visit(parse(query), {
    SelectionSet: {
      leave: (set: SelectionSetNode, _key, parent) =>
        (parent as { kind?: Kind } | undefined)?.kind === Kind.OPERATION_DEFINITION
          ? undefined
          : { ...set, selections: [...set.selections, typename] },
    },
  });
  return print(document);
}

const OPERATIONS = [
  "{ order { id count lines { part } } }",
  "{ order { id model { id name features { code label } } } }",
  "{ order { lines { model { name note } part } count } }",
  "{ order { model { name id features { label } note } id } }",
  "{ order { lines { model { stock name } part } } }",
];
/** Each leads to other values; some of those need a second look. */
const ARGUMENTS = ["", "(a: 1)", "(a: 1, b: 1)", "(a: 1, b: 1, c: 1)"];

/** The ways in which those orders are answered that take the most fetches: without models there is nothing to join. */
async function pathsOf(query: string, variables: Record<string, unknown> = {}) {
  const paths = new Map<number, string[]>();
  for (const given of ARGUMENTS) {
    const operation = { query: query.replace("order", `order${given}`), variables };
    // An operation that comes once is not worth its patterns.
    await comparator.compare(operation, { behaviour: "healthy", seed: "1" });
    const outcome = await comparator.compare(operation, { behaviour: "healthy", seed: "1" });
    const [own, stock] = [outcome?.text.result, outcome?.stock.result].map((result) =>
      JSON.stringify(result),
    );
    // A model that nobody knows is an error here, and none there.
    expect(own === stock || own?.includes("does not know this")).toBe(true);
    const { sent = [], paths: taken = [] } = outcome?.text ?? {};
    paths.set(sent.length, [...(paths.get(sent.length) ?? []), ...taken]);
  }
  return paths.get(Math.max(...paths.keys()));
}

describe("answers are copied out of the subgraphs' text, to the byte as Apollo's executor writes them", () => {
  test.each(OPERATIONS)("%s", async (query) => {
    await expect(pathsOf(query)).resolves.toContain("splice");
  });

  test.each(OPERATIONS)("with a type name at the end of each selection: %s", async (query) => {
    await expect(pathsOf(withTypenames(query))).resolves.toContain("splice");
  });

  test.each([
    { all: true, some: true },
    { all: true, some: false },
    { all: false, some: true },
  ])("for every value of the variables that decide: %o", async (variables) => {
    const query = `query ($all: Boolean!, $some: Boolean!) {
      order { id lines @include(if: $all) { part @include(if: $some) model { name note @skip(if: $some) } } } }`;
    await expect(pathsOf(query, variables)).resolves.toContain("splice");
  });

  test("but not where a type name could be taken for another object's", async () => {
    const query = "{ order { model { __typename name } spare { __typename id } } }";
    await expect(pathsOf(query)).resolves.not.toContain("splice");
  });

  test("and after answers that did not fit, as soon as they fit again", { timeout: 30_000 }, async () => {
    const query = "{ order { id count } }";
    const outage = { behaviour: "failing", seed: "1" } as const;
    for (let n = 0; n < 60; n++)
      await comparator.compare({ query, variables: {} }, { ...outage, seed: String(n) });
    await expect.poll(() => pathsOf(query), { timeout: 20_000, interval: 500 }).toContain("splice");
  });
});
