import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { GraphQLError, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Freshness } from "../../lib/freshness.ts";
import { composed } from "../support/composed.ts";
import { quietLog } from "../support/quiet-log.ts";
import { bearer, startGateway, type TestGateway } from "./support/start-gateway.ts";

const HINTS = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  enum CacheControlScope { PUBLIC PRIVATE }
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean)
    on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
`;
const BOOKS = `${HINTS}
  type Query {
    book: Book @cacheControl(maxAge: 240)
    stock: Int
    shelf: String @cacheControl(maxAge: 60, scope: PRIVATE)
    lost: String @cacheControl(maxAge: 240)
  }
  type Book @key(fields: "id") { id: ID! title: String @cacheControl(inheritMaxAge: true) }
`;
const REVIEWS = `${HINTS}
  type Query { reviewed: Int @cacheControl(maxAge: 30) }
  type Book @key(fields: "id") @cacheControl(maxAge: 90) {
    id: ID!
    stars: Int @cacheControl(inheritMaxAge: true)
    mood: String @cacheControl(maxAge: 0)
  }
`;

const book = { id: "1", title: "Sails" };
const RESOLVERS = {
  books: {
    Query: {
      book: () => book,
      stock: () => 3,
      shelf: () => "B7",
      lost: () => {
        throw new GraphQLError("It is lost");
      },
    },
  },
  reviews: {
    Query: { reviewed: () => 1 },
    Book: { __resolveReference: ({ id }: { id: string }) => ({ id, stars: 5, mood: "calm" }) },
  },
};

/** Apollo Server as it comes, which tells what its hints say in the headers of its answers. */
async function startApolloSubgraph(typeDefs: string, resolvers: object) {
  const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: resolvers as never }]);
  const server = new ApolloServer({ schema, logger: quietLog });
  const { url } = await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: 0 } });
  return { url, stop: () => server.stop() };
}

describe("an answer to a GET, of subgraphs that Apollo Server serves with @cacheControl,", () => {
  let gateway: TestGateway;
  const folder = mkdtempSync(join(tmpdir(), "cached-"));
  const fileWith = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const stops: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const [books, reviews] = await Promise.all([
      startApolloSubgraph(BOOKS, RESOLVERS.books),
      startApolloSubgraph(REVIEWS, RESOLVERS.reviews),
    ]);
    stops.push(books.stop, reviews.stop);
    gateway = await startGateway(
      {
        SUPERGRAPH_FILE: fileWith("supergraph.graphql", composed({ books: BOOKS, reviews: REVIEWS })),
        SUBGRAPH_URLS: `books=${books.url},reviews=${reviews.url}`,
        SUBGRAPHS_FILE: fileWith("rules.json", '{"all":{"headers":[{"forward":"accept-language"}]}}'),
      },
      { inProcess: false },
    );
  });
  afterAll(async () => {
    await gateway.close();
    await Promise.all(stops.map((stop) => stop()));
    rmSync(folder, { recursive: true });
  });

  const get = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/graphql?query=${encodeURIComponent(query)}`, { headers });

  test.each([
    ["for as long as its one subgraph says", "{ book { title } }", "max-age=240, public"],
    ["for as long as the strictest says", "{ book { title stars } }", "max-age=90, public"],
    [
      "for as long as the strictest of those says who are asked at once",
      "{ book { title } reviewed }",
      "max-age=30, public",
    ],
    ["in private where one part is private", "{ shelf book { title } }", "max-age=60, private"],
    ["by nobody where one field says nothing", "{ book { title } stock }", "no-store"],
    ["by nobody where an entity may not be", "{ book { title mood } }", "no-store"],
    ["by nobody where nobody was asked", "{ __typename }", "no-store"],
  ])("may be kept %s", async (_how, query, expected) => {
    // The first time it goes through another server than afterwards.
    for (let time = 0; time < 2; time++) {
      const answer = await get(query);
      expect(await answer.json()).not.toHaveProperty("errors");
      expect(answer.headers.get("cache-control")).toBe(expected);
    }
  });

  test("may be kept by nobody when it has errors", async () => {
    const answer = await get("{ book { title } lost }");
    expect(await answer.json()).toMatchObject({ data: { book: { title: "Sails" } }, errors: [{}] });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect((await get("{ nothing }")).headers.get("cache-control")).toBe("no-store");
  });

  test("may be kept by nobody when it is explained", async () => {
    const explained = { "x-explain": "1", authorization: await bearer({ role: "admin" }) };
    const answer = await get("{ book { title } }", explained);
    expect(await answer.json()).toMatchObject({ extensions: { explain: { fetches: [{ id: 0 }] } } });
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("may be kept in private when a token came with it", async () => {
    const answer = await get("{ book { title } }", { authorization: await bearer() });
    expect(answer.headers.get("cache-control")).toBe("max-age=240, private");
  });

  test("differs by token and by each header that a rule forwards", async () => {
    const { headers } = await get("{ book { title } }");
    expect(headers.get("vary")?.split(", ")).toEqual(
      expect.arrayContaining(["accept", "accept-encoding", "authorization", "accept-language"]),
    );
  });

  test("that has not changed is 304, and may be kept for as long again", async () => {
    const { headers } = await get("{ book { title } }");
    const again = await get("{ book { title } }", { "if-none-match": headers.get("etag") ?? "" });
    expect([again.status, again.headers.get("cache-control")]).toEqual([304, "max-age=240, public"]);
    expect(again.headers.get("vary")).toContain("authorization");
  });

  test("may be kept, and an answer to a POST may not", async () => {
    const { headers } = await gateway.post({ query: "{ book { title } }" });
    expect(headers.get("cache-control")).toBe("no-store");
  });
});

describe("what an answer says of how long it may be kept", () => {
  const kept = (...said: { cacheControl?: string; age?: string }[]) => {
    const freshness = new Freshness();
    for (const each of said) freshness.restrict(each);
    return freshness.cacheControl({ isPrivate: false });
  };
  test.each([
    ["no header at all", {}, undefined],
    ["no-store", { cacheControl: "no-store, max-age=60" }, undefined],
    ["no-cache", { cacheControl: "max-age=60, No-Cache" }, undefined],
    ["public alone", { cacheControl: "public" }, undefined],
    ["an age that is none", { cacheControl: "max-age=soon" }, undefined],
    ["a negative age", { cacheControl: "max-age=-60" }, undefined],
    ["an age in quotes", { cacheControl: 'max-age="60"' }, "max-age=60, public"],
    ["more than a century", { cacheControl: `max-age=${"9".repeat(18)}` }, "max-age=3153600000, public"],
    ["that part of its time is over", { cacheControl: "max-age=60", age: "45" }, "max-age=15, public"],
    ["that its time is over", { cacheControl: "max-age=60", age: "61" }, undefined],
  ])("is read where it is %s", (_what, said, expected) => {
    expect(kept(said)).toBe(expected);
    expect(kept({ cacheControl: "max-age=9999999999" }, said)).toBe(expected);
  });
});
