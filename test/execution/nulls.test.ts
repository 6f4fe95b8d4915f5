import { describe, expect, test } from "vitest";
import { smallGraph } from "./support/small-graph.ts";

const fails = () => {
  throw new Error("sunk");
};
const paths = (errors: readonly { path?: unknown }[] = []) => errors.map(({ path }) => path);

describe("a null that has a reason", () => {
  const graph = smallGraph({
    shops: {
      sdl: `type Query { shops: [Shop!] first: Shop } type Shop @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Query: {
          shops: () => [
            { id: "s1", name: "One" },
            { id: "s2", name: "Two" },
            { id: "s3", name: "Three" },
          ],
          first: () => ({ id: "s1", name: "One" }),
        },
      },
    },
    stock: {
      sdl: `type Shop @key(fields: "id") { id: ID! stock: Int worth: Int! }`,
      resolvers: {
        Shop: {
          stock: ({ id }: { id: string }) => (id === "s2" ? fails() : 5),
          worth: ({ id }: { id: string }) => (id === "s3" ? fails() : 9),
        },
      },
    },
  });

  test("has the position in the client's list in the path of its error", async () => {
    const { data, errors } = await graph.ask("{ all: shops { name left: stock } }");
    expect(data).toEqual({
      all: [
        { name: "One", left: 5 },
        { name: "Two", left: null },
        { name: "Three", left: 5 },
      ],
    });
    expect(paths(errors)).toEqual([["all", 1, "left"]]);
  });

  test("is passed on as far up as the types ask for, with one error", async () => {
    const { data, errors } = await graph.ask("{ shops { name worth } }");
    expect(data).toEqual({ shops: null });
    expect(paths(errors)).toEqual([["shops", 2, "worth"]]);
  });

  test("leaves its healthy siblings in a deferred list", async () => {
    const { data, errors } = await graph.askInParts("{ shops { name ... @defer { worth } } }");
    expect(data).toEqual({
      shops: [{ name: "One", worth: 9 }, { name: "Two", worth: 9 }, { name: "Three" }],
    });
    expect(paths(errors)).toEqual([["shops", 2, "worth"]]);
  });

  test("has a path for each place that an outage made null", async () => {
    graph.down.add("stock");
    const { data, errors } = await graph.ask("{ shops { stock } first { stock name } }");
    graph.down.delete("stock");
    expect(data).toEqual({
      shops: [{ stock: null }, { stock: null }, { stock: null }],
      first: { stock: null, name: "One" },
    });
    expect(
      paths(errors)
        .map((path) => JSON.stringify(path))
        .sort(),
    ).toEqual(['["first","stock"]', '["shops",0,"stock"]', '["shops",1,"stock"]', '["shops",2,"stock"]']);
  });
});

describe("a field that the client did not ask for", () => {
  const graph = smallGraph({
    films: {
      sdl: `type Query { films: [Film] } type Film @key(fields: "code") { code: String! title: String cost: Int }`,
      resolvers: {
        Query: {
          films: () => [
            { code: "a", title: "A", cost: 3 },
            { code: fails, title: "B", cost: 3 },
            { code: "c", title: "C", cost: fails },
          ],
        },
      },
    },
    prices: {
      sdl: `type Film @key(fields: "code") { code: String! cost: Int @external title: String @external price: String @requires(fields: "cost") label: String @requires(fields: "title") rank(least: Int! = 1): Int }`,
      resolvers: {
        Film: {
          price: ({ cost }: { cost: number | null }) => `price of ${cost}`,
          label: ({ title }: { title: string }) => `label of ${title}`,
          rank: (_film: unknown, { least }: { least: number }) => least,
        },
      },
    },
  });

  test("is in no path of an error: a key", async () => {
    const { data, errors } = await graph.ask("{ films { title rank } }");
    expect(data).toEqual({ films: [{ title: "A", rank: 1 }, null, { title: "C", rank: 1 }] });
    expect(paths(errors)).toEqual([["films", 1]]);
  });

  test("keeps what is made of it null when it failed, and says why", async () => {
    const { data, errors } = await graph.ask("{ films { price } }");
    expect(data).toEqual({ films: [{ price: "price of 3" }, null, { price: null }] });
    expect(
      paths(errors)
        .map((path) => JSON.stringify(path))
        .sort(),
    ).toEqual(['["films",1]', '["films",2,"price"]']);
  });

  test("takes nothing from the fields that do without it", async () => {
    const { data, errors } = await graph.ask(
      "query ($least: Int!) { films { price rank ...F } } fragment F on Film { more: rank(least: $least) }",
      { least: 4 },
    );
    expect(data).toEqual({
      films: [{ price: "price of 3", rank: 1, more: 4 }, null, { price: null, rank: 1, more: 4 }],
    });
    expect(paths(errors)).toEqual([
      ["films", 1],
      ["films", 2, "price"],
    ]);
  });

  test("takes what needs it, and leaves what needs something else", async () => {
    const { data, errors } = await graph.ask("{ films { price label } }");
    expect(data).toEqual({
      films: [{ price: "price of 3", label: "label of A" }, null, { price: null, label: "label of C" }],
    });
    expect(paths(errors)).toEqual([
      ["films", 1],
      ["films", 2, "price"],
    ]);
  });
});

describe("entities in lists inside of lists", () => {
  const graph = smallGraph({
    halls: {
      sdl: `type Query { rows: [[Seat]] } type Seat @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { rows: () => [[{ id: "1" }, null], null, [], [{ id: "2" }, { id: "1" }]] } },
    },
    tickets: {
      sdl: `type Seat @key(fields: "id") { id: ID! price: Int }`,
      resolvers: { Seat: { price: ({ id }: { id: string }) => (id === "2" ? fails() : Number(id) * 10) } },
    },
  });

  test("are all found, and their errors have every position", async () => {
    const { data, errors } = await graph.ask("{ rows { price } }");
    expect(data).toEqual({ rows: [[{ price: 10 }, null], null, [], [{ price: null }, { price: 10 }]] });
    expect(paths(errors)).toEqual([["rows", 3, 0, "price"]]);
  });
});
