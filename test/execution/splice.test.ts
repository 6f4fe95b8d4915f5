import { parse, print, visit, Kind, type FieldNode, type SelectionSetNode } from "graphql";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createComparator } from "./support/compare.ts";
import { smallGraph } from "./support/small-graph.ts";
import { federated } from "./support/supergraph.ts";
import { isFull } from "../support/depth.ts";

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

describe("an answer of which some entities fail", () => {
  type Entity = Record<string, unknown>;
  const wholeModel = ({ id }: Entity): Entity => ({
    name: `Model ${String(id)}`,
    note: null,
    features: [{ code: `whole ${String(id)}`, label: null }],
  });
  /** How the catalogue answers: what it makes of its entities, and of an answer with them. */
  let answer: (entities: Entity[]) => unknown;
  const graph = smallGraph({
    orders: {
      sdl: `type Query { orders: [Order] } type Order { id: ID! model: Model spare: Int }
        type Model @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: {
        Query: {
          orders: () => [1, 2, 3, 1].map((n) => ({ id: String(n), model: { id: `m${n}` }, spare: n })),
        },
      },
    },
    catalog: {
      sdl: `type Model @key(fields: "id") { id: ID! name: String! note: String features: [Feature] }
        type Feature { code: ID! label: String }`,
      answer: ({ variables }) =>
        JSON.stringify(answer((variables["representations"] as Entity[]).map(wholeModel))),
    },
  });
  const QUERY = "{ orders { id model { name note features { code label } } spare } }";
  const order = (n: number, model: unknown) => ({ id: String(n), model, spare: n });
  const whole = (n: number) => order(n, wholeModel({ id: `m${n}` }));
  const sunk = (...path: (string | number)[]) => ({ message: "sunk", path: ["_entities", ...path] });
  const withSecond = (second: unknown) => (entities: Entity[]) => ({
    _entities: entities.map((entity, nth) => (nth === 1 ? second : entity)),
  });

  const seconds: [string, unknown, ReturnType<typeof sunk>[], unknown, (string | number)[][]][] = [
    ["null", null, [sunk(1)], null, [["orders", 1, "model", "name"]]],
    [
      "without a nullable field",
      { ...wholeModel({ id: "m2" }), note: null },
      [sunk(1, "note")],
      wholeModel({ id: "m2" }),
      [["orders", 1, "model", "note"]],
    ],
    [
      "without a field further down",
      { ...wholeModel({ id: "m2" }), features: [{ code: "whole m2", label: null }] },
      [sunk(1, "features", 0, "label")],
      wholeModel({ id: "m2" }),
      [["orders", 1, "model", "features", 0, "label"]],
    ],
    [
      "with a value that its type does not allow",
      { ...wholeModel({ id: "m2" }), name: 7 },
      [],
      null,
      [["orders", 1, "model", "name"]],
    ],
  ];

  test.each(seconds)("tells of one that is %s", async (_what, second, errors, model, paths) => {
    answer = (entities) => ({ data: withSecond(second)(entities), ...(errors.length > 0 && { errors }) });
    const answered = await graph.ask(QUERY);
    expect(answered.data).toEqual({ orders: [whole(1), order(2, model), whole(3), whole(1)] });
    expect(answered.errors?.map(({ path }) => path)).toEqual(expect.arrayContaining(paths));
  });

  test("may say so before its data", async () => {
    answer = (entities) => ({
      errors: [sunk(1), { message: 'about "data":{"_entities":[' }],
      data: withSecond(null)(entities),
      extensions: { data: { _entities: [] } },
    });
    const answered = await graph.ask(QUERY);
    expect(answered.data).toEqual({ orders: [whole(1), order(2, null), whole(3), whole(1)] });
  });

  test.each([
    ["one too few", (entities: Entity[]) => entities.slice(1)],
    ["one too many", (entities: Entity[]) => [...entities, null]],
    ["none", () => []],
  ])("has nothing where it speaks of %s", async (_what, change) => {
    answer = (entities) => ({ data: { _entities: change(entities) }, errors: [] });
    const { data, errors = [] } = await graph.ask(QUERY);
    expect(data).toEqual({ orders: [1, 2, 3, 1].map((n) => order(n, null)) });
    expect(errors.length).toBeGreaterThan(0);
  });

  test("is parsed no further than those", async () => {
    answer = (entities) => ({ data: withSecond(null)(entities), errors: [sunk(1)] });
    await graph.ask(QUERY);
    const parse = vi.spyOn(JSON, "parse");
    await graph.ask(QUERY);
    const texts = parse.mock.calls.map(([text]) => text);
    parse.mockRestore();
    expect(texts.filter((text) => text.includes("sunk"))).not.toEqual([]);
    expect(
      texts.filter((text) => text.startsWith('{"data":{"_entities"') && text.includes("whole m1")),
    ).toEqual([]);
  });
});

describe("a null in spliced text goes as far up as in an answer that is put together", () => {
  /** Whether the wrapper, the list, its elements and the models in them may be null. */
  const NULLABLE = Array.from({ length: 16 }, (_, bits) => [8, 4, 2, 1].map((bit) => (bits & bit) !== 0));
  const mark = (isNullable = false) => (isNullable ? "" : "!");
  const models = [1, 2, 3, 2].map((n) => ({ __typename: "Model", id: `m${n}` }));
  type Entity = Record<string, unknown> | null;
  let answer: (entities: Entity[]) => unknown;
  const graph = smallGraph({
    orders: {
      sdl: `type Query { ${NULLABLE.map(([wrapper], n) => `of${n}: Of${n}${mark(wrapper)}`).join(" ")} }
        ${NULLABLE.map(
          ([, list, element, model], n) => `
          type Of${n} { before: Int! rows: [Row${n}${mark(element)}]${mark(list)} deep: [[Row${n}${mark(element)}]] after: [Int!] }
          type Row${n} { id: ID! model: Model${mark(model)} spare: Boolean }`,
        ).join("")}
        type Model @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: {
        Query: Object.fromEntries(
          NULLABLE.map(([, list, element, model], n) => [
            `of${n}`,
            () => {
              const rows = [
                ...models.map((each, at) => ({ id: String(at), model: each, spare: null })),
                ...(model ? [{ id: "none", model: null, spare: true }] : []),
                ...(element ? [null] : []),
              ];
              return { before: 1, rows, deep: [...(list ? [null, []] : []), rows, [rows[1]]], after: [2, 3] };
            },
          ]),
        ),
      },
    },
    catalog: {
      sdl: `type Model @key(fields: "id") { id: ID! name: String! note: String features: [Feature] }
        type Feature { code: ID label: String }`,
      answer: ({ query, variables }) => {
        const entities = (variables["representations"] as { id: string }[]).map(({ id }) => ({
          note: `note of ${id}`,
          ...(query.includes(" name") && { name: `Model ${id}` }),
          features: [{ code: null, label: id }],
          ...(query.includes("__typename") && { __typename: "Model" }),
        }));
        return JSON.stringify(answer(entities));
      },
    },
  });
  const at = (nth: number, ...rest: (string | number)[]) => ({
    message: `sunk ${nth}`,
    path: ["_entities", nth, ...rest],
    extensions: { code: "CONFLICT" },
  });
  const without = (entities: Entity[], ...gone: number[]) => ({
    _entities: entities.map((entity, nth) => (gone.includes(nth) ? null : entity)),
  });
  const FAILURES: Record<string, typeof answer> = {
    "one fails": (all) => ({ data: without(all, 1), errors: [at(1)] }),
    "one fails, for two reasons": (all) => ({ errors: [at(1), at(1, "name")], data: without(all, 1) }),
    "two fail": (all) => ({ data: without(all, 2, 1), errors: [at(2), at(1)] }),
    "one is not known": (all) => ({ data: without(all, 0) }),
    "none is known, and one fails": (all) => ({ errors: [at(2)], data: without(all, 0, 1, 2) }),
    "fields fail": (all) => ({
      errors: [at(1, "note"), at(1, "note", "further"), at(0, "features", 0, "code", "further")],
      data: { _entities: all.map((entity, nth) => (nth === 1 ? { ...entity, note: null } : entity)) },
    }),
  };
  const SELECTIONS = ["note name features { code label }", "note features { code label } __typename"];

  describe.each(NULLABLE.map((nullable, n) => [String(nullable), n] as const))("%s", (_, n) => {
    const operations = ["rows", "deep"].flatMap((list) =>
      // The quick run takes each selection with one of the lists, in turn.
      SELECTIONS.filter((_, at) => isFull || (list === "deep") === ((at + n) % 2 === 0)).map(
        (fields) => `{ of${n} { before ${list} { id model { ${fields} } spare } after } }`,
      ),
    );

    test.each(Object.keys(FAILURES))("%s", async (failure) => {
      answer = FAILURES[failure] ?? answer;
      for (const query of operations) {
        // Each planner answers three times, the first time without the text.
        const { errors = [] } = await graph.ask(query);
        const paths = errors.map(({ path }) => path?.join("."));
        expect([...new Set(paths)]).toEqual(paths);
        expect(errors.length).toBeGreaterThan(0);
      }
    });

    test("the subgraph is down", async () => {
      graph.down.add("catalog");
      onTestFinished(() => void graph.down.delete("catalog"));
      for (const query of operations) expect((await graph.ask(query)).errors).toBeDefined();
    });
  });

  test("and nothing of the first answer is parsed for that", async () => {
    const queries = SELECTIONS.map((fields) => `{ of9 { rows { id model { ${fields} } } } }`);
    for (const failure of Object.values(FAILURES)) {
      answer = failure;
      for (const query of queries) await graph.ask(query);
      const parse = vi.spyOn(JSON, "parse");
      for (const query of queries) await graph.ask(query);
      const texts = parse.mock.calls.map(([text]) => text);
      parse.mockRestore();
      expect(texts.filter((text) => text.startsWith('{"data":{"of9"'))).toEqual([]);
    }
  });
});
