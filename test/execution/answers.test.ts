import { describe, expect, test } from "vitest";
import { smallGraph } from "./support/small-graph.ts";

const fails = () => {
  throw new Error("sunk");
};
const paths = (errors: readonly { path?: unknown }[] = []) => errors.map(({ path }) => path);

describe("a name that the planner needs for itself", () => {
  const graph = smallGraph({
    projects: {
      sdl: `type Query { project: Project } type Project @key(fields: "id") { id: ID! name: String owner: String }`,
      resolvers: {
        Query: { project: () => ({ id: "7", name: "Keel", owner: "Ada" }) },
      },
    },
    orders: {
      sdl: `type Project @key(fields: "id") { id: ID! owner: String @external orders: [String] badge: String @requires(fields: "owner") }`,
      resolvers: {
        Project: {
          orders: ({ id }: { id: string }) => [`order of ${id}`],
          badge: ({ owner }: { owner: string }) => `badge of ${owner}`,
        },
      },
    },
  });

  test.each([
    ["a key", "{ project { id: name orders } }", { id: "Keel", orders: ["order of 7"] }],
    ["a required field", "{ project { owner: name badge } }", { owner: "Keel", badge: "badge of Ada" }],
    [
      "another required field",
      "{ project { owner: id name: owner badge } }",
      { owner: "7", name: "Ada", badge: "badge of Ada" },
    ],
    [
      "the type's name",
      "{ project { name: __typename id: owner orders } }",
      { name: "Project", id: "Ada", orders: ["order of 7"] },
    ],
  ])("may be the client's alias of another field: %s", async (_what, query, project) => {
    expect(await graph.ask(query)).toEqual({ data: { project } });
  });

  test.each([
    ["{ project { name badge @include(if: $yes) } }", { name: "Keel", badge: "badge of Ada" }],
    ["{ project { name badge @include(if: $no) } }", { name: "Keel" }],
    ["{ project { badge @skip(if: $no) orders @include(if: $no) } }", { badge: "badge of Ada" }],
    [
      "{ project { ... @include(if: $yes) { badge } ... @skip(if: $yes) { orders } } }",
      { badge: "badge of Ada" },
    ],
    ["{ project { owner @include(if: $no) badge } }", { badge: "badge of Ada" }],
    ["{ project { name @skip(if: $yes) } }", {}],
    ["{ project { name @skip(if: $yes) badge @include(if: $no) } }", {}],
  ])("is asked for whatever the conditions beside it say: %s", async (selections, project) => {
    const query = `query ($yes: Boolean! = true, $no: Boolean!) ${selections.replace("{ project", "{ yes: __typename @include(if: $yes) no: __typename @include(if: $no) project")}`;
    expect(await graph.ask(query, { no: false })).toEqual({ data: { yes: "Query", project } });
  });
});

describe("an interface whose implementations promise more than it does", () => {
  const graph = smallGraph({
    fleet: {
      sdl: `
        type Query { crafts: [Craft!]! }
        interface Craft { name: String mate: Craft mates: [Craft] }
        type Boat implements Craft { name: String! mate: Boat! mates: [Boat!]! length: Int }
        type Raft implements Craft { name: String mate: Craft mates: [Craft] logs: Int }
      `,
      resolvers: {
        Query: {
          crafts: () => [
            {
              __typename: "Boat",
              name: "Ada",
              length: 9,
              mate: { __typename: "Boat", name: "Eve", length: 7 },
              mates: [],
            },
            {
              __typename: "Raft",
              name: null,
              logs: 4,
              mate: null,
              mates: [{ __typename: "Raft", name: "Log", logs: 5 }],
            },
          ],
        },
      },
    },
  });

  test("gives what is selected through both", async () => {
    const query = `{ crafts {
      name ... on Boat { name length mate { length } } ... on Raft { name logs mates { ... on Raft { logs } } }
      mate { name } mates { name }
    } }`;
    expect(await graph.ask(query)).toEqual({
      data: {
        crafts: [
          { name: "Ada", length: 9, mate: { length: 7, name: "Eve" }, mates: [] },
          { name: null, logs: 4, mates: [{ logs: 5, name: "Log" }], mate: null },
        ],
      },
    });
  });
});

describe("fragments in fragments on objects whose type nobody asked for", () => {
  const graph = smallGraph({
    films: {
      sdl: `
        type Query { films: [Film] broken: String }
        interface Node { id: ID! } interface Titled { title: String }
        type Film implements Node & Titled { id: ID! title: String year: Int }
      `,
      resolvers: { Query: { films: () => [{ id: 1, title: "Jaws", year: 1975 }], broken: fails } },
    },
  });
  const selections =
    "films { ... on Node { ... on Film { title ... on Titled { ... on Node { ... on Film { year } } } } } }";
  const films = [{ title: "Jaws", year: 1975 }];

  test("are in the first answer and in every later one", async () => {
    expect(await graph.ask(`{ ${selections} }`)).toEqual({ data: { films } });
  });

  test("stay when something else fails", async () => {
    const { data, errors } = await graph.ask(`{ ${selections} broken }`);
    expect(data).toEqual({ films, broken: null });
    expect(paths(errors)).toEqual([["broken"]]);
  });
});

describe("an interface that another subgraph takes for an object", () => {
  const graph = smallGraph({
    media: {
      sdl: `
        type Query { latest: Media } interface Media @key(fields: "id") { id: ID! title: String }
        type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
        type Disc implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
      `,
      resolvers: {
        Media: {
          __resolveReference: ({ id }: { id: string }) => media(id),
          __resolveType: ({ __typename }: Medium) => __typename,
        },
        Book: { __resolveReference: ({ id }: { id: string }) => media(id) },
        Disc: { __resolveReference: ({ id }: { id: string }) => media(id) },
        Query: { latest: () => media("1") },
      },
    },
    reviews: {
      sdl: `type Query { reviewed: [Media] } type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }`,
      resolvers: {
        Query: { reviewed: () => [{ id: "1" }, { id: "2" }] },
        Media: { stars: ({ id }: { id: string }) => Number(id) + 3 },
      },
    },
  });
  type Medium = { __typename: string; id: string };
  const media = (id: string) => ({
    __typename: id === "1" ? "Book" : "Disc",
    id,
    title: `Title ${id}`,
    pages: 100,
    minutes: 60,
  });

  test.each([
    [
      "{ reviewed { __typename stars } }",
      [
        { __typename: "Book", stars: 4 },
        { __typename: "Disc", stars: 5 },
      ],
    ],
    ["{ reviewed { stars ... on Disc { minutes } } }", [{ stars: 4 }, { stars: 5, minutes: 60 }]],
    [
      "{ reviewed { kind: __typename title id stars } }",
      [
        { kind: "Book", title: "Title 1", id: "1", stars: 4 },
        { kind: "Disc", title: "Title 2", id: "2", stars: 5 },
      ],
    ],
  ])("says of what type each object is: %s", async (query, reviewed) => {
    expect(await graph.ask(query)).toEqual({ data: { reviewed } });
  });
});

describe("an answer of another server than ours", () => {
  const BIG = "9007199254740993";
  const graph = smallGraph({
    orders: {
      sdl: `scalar Long type Query { order: Order orders: [Order] } type Order @key(fields: "number") { number: Long! id: ID! total: Long more: JSON ref: ID } scalar JSON`,
      answer: ({ query }) => {
        const order = `{"__typename":"Order","number":${BIG},"id":42,"total":-${BIG}0,"more":{"deep":[${BIG}]},"ref":${BIG}}`;
        return query.includes("orders")
          ? `{"data":{"orders":[${order}]},"errors":[]}`
          : `{"errors":[],"data":{"order":${order}}}`;
      },
    },
    places: {
      sdl: `scalar Long type Order @key(fields: "number") { number: Long! place: String }`,
      answer: ({ variables }) => {
        const [{ number } = {}] = variables["representations"] as { number?: unknown }[];
        return `{"data":{"_entities":[{"place":"shelf ${String(number)}"}]},"errors":[]}`;
      },
    },
  });

  test("may bring an empty list of errors, and numbers for identifiers", async () => {
    expect(await graph.ask("{ order { id ref } }")).toEqual({ data: { order: { id: "42", ref: BIG } } });
  });

  test("keeps all digits of a key that is a whole number", async () => {
    expect(await graph.ask("{ order { place } }")).toEqual({ data: { order: { place: `shelf ${BIG}` } } });
  });

  test("keeps all digits of whole numbers", async () => {
    expect(await graph.ask("{ orders { number total more } }")).toEqual({
      data: { orders: [{ number: BigInt(BIG), total: BigInt(`-${BIG}0`), more: { deep: [BigInt(BIG)] } }] },
    });
  });
});

describe("a variable that may not be null and has a default", () => {
  const graph = smallGraph({
    echo: {
      sdl: `type Query { echo(n: Int!, list: [Int!]! = [1]): String }`,
      resolvers: { Query: { echo: (_: unknown, args: object) => JSON.stringify(args) } },
    },
  });

  test("may be left out, on the first request and on every later one", async () => {
    const query = "query ($n: Int! = 5, $list: [Int!]! = [2, 3]) { echo(n: $n, list: $list) }";
    expect(await graph.ask(query)).toEqual({ data: { echo: '{"n":5,"list":[2,3]}' } });
    expect(await graph.ask(query, { list: [4] })).toEqual({ data: { echo: '{"n":5,"list":[4]}' } });
  });

  test("is not null because somebody says so", async () => {
    const { data, errors } = await graph.ask("query ($n: Int! = 5) { echo(n: $n) }", { n: null });
    expect(data).toBeUndefined();
    expect(errors).toHaveLength(1);
  });
});
