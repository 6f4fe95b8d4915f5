import { buildSubgraphSchema } from "@apollo/subgraph";
import { getOperationAST, parse, type OperationDefinitionNode } from "graphql";
import { describe, expect, test } from "vitest";
import { createEngine } from "../../gateway/generations/create-engine.ts";
import { createPlanner } from "../../gateway/execution/planner/planners.ts";
import { loadSupergraph } from "../../gateway/supergraph/supergraph.ts";
import { createGraphQLEndpoint, type GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { anonymous, type Identity } from "../../lib/identity.ts";
import { streamOf } from "../../lib/streams.ts";
import { quietLog } from "../support/quiet-log.ts";
import { smallGraph } from "./support/small-graph.ts";
import { federated, LINK } from "./support/supergraph.ts";

type Subgraphs = Record<string, { sdl: string; resolvers: object }>;

interface Asked {
  query: string;
  variables?: Record<string, unknown>;
  identity?: Partial<Identity>;
}

/** An engine over subgraphs with resolvers, in text; it notes whom it asks. */
function engineOver(subgraphs: Subgraphs, labels: readonly string[] = []) {
  const sdls = Object.fromEntries(Object.entries(subgraphs).map(([name, { sdl }]) => [name, sdl]));
  const { loaded } = federated("a graph of its own", sdls);
  const asked: string[] = [];
  const endpoints = new Map(
    Object.entries(subgraphs).map(([name, { sdl, resolvers }]) => {
      const schema = buildSubgraphSchema([{ typeDefs: parse(LINK + sdl), resolvers: resolvers as never }]);
      const honest = createGraphQLEndpoint({ schema, log: quietLog, createContext: () => ({}) });
      const exchange: GraphQLEndpoint["exchange"] = async ({ body, caller }) => {
        asked.push(name);
        return JSON.stringify(await honest.execute({ ...(JSON.parse(body) as { query: string }), caller }));
      };
      return [name, { ...honest, exchange }] as const;
    }),
  );
  const engine = createEngine({
    supergraph: loaded,
    endpointOf: (name) => endpoints.get(name) as GraphQLEndpoint,
    planner: createPlanner({ supergraph: loaded, preferred: "native" }),
    overrides: { labels: new Set(labels) },
  });
  return {
    asked,
    ask: async ({ query, variables = {}, identity = {} }: Asked) => {
      const document = parse(query);
      const definition = getOperationAST(document);
      if (!definition) throw new Error("no operation");
      const caller = { identity: { ...anonymous([]), ...identity }, correlationId: "c" };
      const result = await engine.execute({ document, definition, variables }, caller);
      return JSON.parse(JSON.stringify(result)) as unknown;
    },
  };
}

describe("arguments inside @requires", () => {
  const prices: Record<string, number> = { EUR: 10, USD: 12 };
  const { ask } = engineOver({
    a: {
      sdl: `type Query { p: P } type P @key(fields: "id") { id: ID! price(currency: String!): Float }`,
      resolvers: {
        Query: { p: () => ({ id: "1" }) },
        P: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          price: (_: unknown, { currency }: { currency: string }) => prices[currency],
        },
      },
    },
    b: {
      sdl: `type P @key(fields: "id") { id: ID! price(currency: String!): Float @external
        dear: Float @requires(fields: "price(currency: \\"EUR\\")") cheap: Float @requires(fields: "price(currency: \\"USD\\")") }`,
      resolvers: {
        P: {
          __resolveReference: (given: { price: number }) => given,
          dear: ({ price }: { price: number }) => price,
          cheap: ({ price }: { price: number }) => price,
        },
      },
    },
  });

  test("are sent as they are written, beside the client's own and each other's", async () => {
    const query = `{ p { price(currency: "USD") dear cheap eur: price(currency: "EUR") } }`;
    await expect(ask({ query })).resolves.toEqual({
      data: { p: { price: 12, dear: 10, cheap: 12, eur: 10 } },
    });
  });

  test("are sent beside a client's alias of the same name", async () => {
    const query = `{ p { price: id dear } }`;
    await expect(ask({ query })).resolves.toEqual({ data: { p: { price: "1", dear: 10 } } });
  });
});

describe("an @interfaceObject whose key cannot be resolved in its subgraph", () => {
  const { ask } = engineOver({
    a: {
      sdl: `type Query { things: [Thing!]! } interface Thing @key(fields: "id") { id: ID! name: String! }
        type Book implements Thing @key(fields: "id") { id: ID! name: String! pages: Int }`,
      resolvers: {
        Query: { things: () => [{ __typename: "Book", id: "1", name: "one", pages: 3 }] },
        Thing: {
          __resolveReference: ({ id }: { id: string }) => ({ __typename: "Book", id, name: "one", pages: 3 }),
        },
        Book: { __resolveReference: ({ id }: { id: string }) => ({ id, name: "one", pages: 3 }) },
      },
    },
    b: {
      sdl: `type Query { latest: Thing } type Thing @key(fields: "id", resolvable: false) @interfaceObject { id: ID! }`,
      resolvers: { Query: { latest: () => ({ id: "1" }) } },
    },
  });

  test("gets its type and its fields from who knows them", async () => {
    const query = `{ latest { __typename id name ... on Book { pages } } }`;
    await expect(ask({ query })).resolves.toEqual({
      data: { latest: { __typename: "Book", id: "1", name: "one", pages: 3 } },
    });
  });
});

describe("arguments from a context", () => {
  const { ask, asked } = engineOver({
    a: {
      sdl: `type Query { users: [User!]! } type User @key(fields: "id") @context(name: "user") { id: ID! locale: String! page: Page! }
        type Page @key(fields: "id") { id: ID! label(locale: String @fromContext(field: "$user { locale }")): String! }`,
      resolvers: {
        Query: {
          users: () =>
            ["nl", "de", "nl"].map((locale, index) => ({ id: String(index), locale, page: { id: "p" } })),
        },
        Page: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          label: ({ id }: { id: string }, { locale }: { locale: string }) => `${id} in ${locale}`,
        },
      },
    },
    b: { sdl: `type Page @key(fields: "id") { id: ID! words: Int }`, resolvers: {} },
  });

  test("are those of the object above, and each different one is asked for once", async () => {
    const result = await ask({ query: "{ users { page { label } } }" });
    const page = (label: string) => ({ page: { label } });
    expect(result).toEqual({ data: { users: [page("p in nl"), page("p in de"), page("p in nl")] } });
    expect(asked).toEqual(["a", "a", "a"]);
  });
});

describe("@override with a label", () => {
  const graph = (label: string): Subgraphs => ({
    old: {
      sdl: `type Query { p: P } type P @key(fields: "id") { id: ID! owner: String }`,
      resolvers: {
        Query: { p: () => ({ id: "1", owner: "old" }) },
        P: { __resolveReference: ({ id }: { id: string }) => ({ id, owner: "old" }) },
      },
    },
    new: {
      sdl: `type P @key(fields: "id") { id: ID! owner: String @override(from: "old", label: "${label}") }`,
      resolvers: { P: { __resolveReference: ({ id }: { id: string }) => ({ id, owner: "new" }) } },
    },
  });
  const owner = (name: string) => ({ data: { p: { owner: name } } });
  const query = "{ p { owner } }";

  test("is followed by who has the label in the token, and by nobody else", async () => {
    const { ask } = engineOver(graph("beta"));
    await expect(ask({ query })).resolves.toEqual(owner("old"));
    await expect(ask({ query, identity: { overrideLabels: ["beta"] } })).resolves.toEqual(owner("new"));
    await expect(ask({ query })).resolves.toEqual(owner("old"));
  });

  test("is followed by everybody where the configuration says so", async () => {
    const { ask } = engineOver(graph("beta"), ["beta"]);
    await expect(ask({ query })).resolves.toEqual(owner("new"));
  });

  test.each([0, 25, 100])(
    "is followed by %i percent of the callers, each always in the same way",
    async (percent) => {
      const { ask } = engineOver(graph(`percent(${percent})`));
      let moved = 0;
      for (let n = 0; n < 200; n++) {
        const identity = { subject: `caller ${n}` };
        const first = await ask({ query, identity });
        expect(await ask({ query, identity })).toEqual(first);
        if (JSON.stringify(first) === JSON.stringify(owner("new"))) moved += 1;
      }
      expect(moved / 2).toBeGreaterThanOrEqual(percent * 0.7);
      expect(moved / 2).toBeLessThanOrEqual(percent * 1.3);
    },
  );
});

describe("a supergraph that the gateway does not know how to answer", () => {
  const sdl = federated("plain", { a: "type Query { a: Int }" }).sdl;

  test("is refused when it is none, and says so", () => {
    expect(() => loadSupergraph("type Query { a: Int }", new Date(0))).toThrow(
      /no supergraph.*Compose the subgraphs/,
    );
  });

  test("is refused when it depends on another specification, naming it and what to do", () => {
    const newer = sdl.replace(/join\/v0\.\d/, "join/v0.9");
    expect(() => loadSupergraph(newer, new Date(0))).toThrow(/join\/v0\.9.*compose it for join/);
  });
});

describe("a field with @requires in a subgraph with several keys", () => {
  const graph = federated("several keys, some of them dead ends", {
    names: `type A @key(fields: "id") @key(fields: "group { one two }", resolvable: false) { id: ID! group: Group! name: String! }
      type Group @shareable { one: ID! two: ID! three: ID! }`,
    labels: `type Query { all: [A!]! }
      type A @key(fields: "group { one two }", resolvable: false) @key(fields: "id group { two three }") { id: ID! group: Group! name: String! @external label: String! @requires(fields: "name") }
      type Group @shareable { one: ID! two: ID! three: ID! }`,
  });

  const THINGS = { __typename: "A", id: "1", group: { one: "1", two: "2", three: "3" } };

  test("is asked for with a key that the subgraph can resolve, not with the first that there is", async () => {
    const sent: unknown[] = [];
    const answer = (data: (asked: unknown) => Record<string, unknown>): GraphQLEndpoint => ({
      execute: async ({ variables }) => ({ data: data(variables?.["representations"]) }),
      subscribe: () => streamOf(),
    });
    const endpoints = {
      names: answer(() => ({ _entities: [{ name: "Ada" }] })),
      labels: answer((asked) => {
        if (asked) sent.push(asked);
        return asked ? { _entities: [{ label: "Ada!" }] } : { all: [THINGS] };
      }),
    };
    const engine = createEngine({
      supergraph: graph.loaded,
      endpointOf: (name) => endpoints[name as keyof typeof endpoints],
    });
    const document = parse("{ all { label } }");
    const definition = document.definitions[0] as OperationDefinitionNode;
    const caller = { identity: anonymous([]), correlationId: "c" };
    const result = await engine.execute({ document, definition, variables: {} }, caller);
    expect(result).toEqual({ data: { all: [{ label: "Ada!" }] } });
    expect(sent).toEqual([[{ __typename: "A", name: "Ada", id: "1", group: { two: "2", three: "3" } }]]);
  });
});

describe("an operation that planners fail at as a whole", () => {
  const film = (id: string) => ({ __typename: "Film", id, code: id, region: "r", tone: `tone ${id}` });
  const graph = smallGraph({
    a: {
      sdl: `type Film implements Item @key(fields: "id") { id: ID! tone: String label: String! @external needs1: String @requires(fields: "label") }
        type Crew implements Item & Named @key(fields: "id") { id: ID! tone: String mate: [Film!] }
        interface Item @key(fields: "id") { id: ID! tone: String } interface Named { mate: [Film] }`,
      resolvers: {
        Item: {
          __resolveReference: ({ id }: { id: string }) =>
            id === "crew" ? { __typename: "Crew", id, tone: "low", mate: [film("1")] } : film(id),
        },
        Film: {
          __resolveReference: (given: object) => ({ tone: "tone 1", ...given }),
          needs1: ({ label }: { label: string }) => `needs ${label}`,
        },
        Crew: { __resolveReference: ({ id }: { id: string }) => ({ id, mate: [film("1")] }) },
      },
    },
    b: {
      sdl: `type Film implements Named @key(fields: "id") { id: ID! label: String! mate: [Film!]! tone: String @external needs2: String @requires(fields: "tone") }
        interface Named { mate: [Film] }`,
      resolvers: {
        Film: {
          label: ({ id }: { id: string }) => `label ${id}`,
          mate: () => [{ id: "1" }],
          needs2: ({ tone }: { tone: string }) => `needs ${tone}`,
        },
      },
    },
    c: {
      sdl: `type Item @key(fields: "id") @interfaceObject { id: ID! } type Query { items: [Item] more: Int }`,
      resolvers: { Query: { items: () => [{ id: "1" }, { id: "crew" }], more: () => 3 } },
    },
  });

  test("is answered by the plans of its parts", async () => {
    const { data, errors } = await graph.ask(
      "{ items { tone ... on Named { mate { needs1 } mate { needs2 } } } more }",
    );
    const mate = [{ needs1: "needs label 1", needs2: "needs tone 1" }];
    expect({ data, errors }).toEqual({
      data: {
        items: [
          { tone: "tone 1", mate },
          { tone: "low", mate },
        ],
        more: 3,
      },
      errors: undefined,
    });
  });
});
