import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { cacheExchange, Client, fetchExchange } from "@urql/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "./support/start-gateway.ts";

const BOAT = `query Boat { boat(id: "b1") { id name ...Late @defer(label: "late") } } fragment Late on Boat { hull { code material } }`;
const NESTED = `query Nested { boats { id ... @defer(label: "outer") { name ... @defer(label: "inner") { hull { code material } } } } }`;
const COMPLETE = { id: "b1", name: "Boat b1", hull: { code: "h-b1", material: "aluminium" } };

describe("deferred parts", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  const parts = async (query: string) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: "POST",
      body: JSON.stringify({ query }),
      headers: { "content-type": "application/json", accept: "multipart/mixed;incrementalSpec=v0.2" },
    });
    expect(response.headers.get("content-type")).toBe('multipart/mixed;boundary="-";incrementalSpec=v0.2');
    const bodies = (await response.text()).split("\r\n---").slice(1, -1);
    return bodies.map((part) => JSON.parse(part.split("\r\n\r\n")[1] ?? "") as Record<string, never>);
  };

  test("are announced, come by their ids, and are completed, for clients of v0.2", async () => {
    const [first, second, ...rest] = await parts(BOAT);
    const [{ id }] = (first as unknown as { pending: [{ id: string }] }).pending;
    expect(first).toEqual({
      data: { boat: { id: "b1", name: "Boat b1" } },
      pending: [{ id, path: ["boat"], label: "late" }],
      hasNext: true,
    });
    expect(second).toEqual({
      incremental: [{ id, data: { hull: COMPLETE.hull } }],
      completed: [{ id }],
      hasNext: false,
    });
    expect(rest).toEqual([]);
  });

  test("are announced once for each object of a list, those inside of others with what is around them", async () => {
    const payloads = await parts(NESTED);
    const all = <T>(name: string) => payloads.flatMap((payload) => (payload[name] ?? []) as T[]);
    const announced = all<{ id: string; label: string; path: unknown[] }>("pending");
    expect(announced.map(({ label, path }) => [label, ...path].join(" ")).toSorted()).toEqual([
      "inner boats 0",
      "inner boats 1",
      "outer boats 0",
      "outer boats 1",
    ]);
    expect(
      all<{ id: string }>("completed")
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(announced.map(({ id }) => id).toSorted());
    expect(payloads.at(-1)).toMatchObject({ hasNext: false });
  });

  test.each([
    ["its newest handler", new GraphQL17Alpha9Handler()],
    ["its older handler", new Defer20220824Handler()],
  ])("reach Apollo Client with %s", async (_name, incrementalHandler) => {
    const client = new ApolloClient({
      link: new HttpLink({ uri: `${gateway.url}/graphql` }),
      cache: new InMemoryCache(),
      // Its own types do not fit each other where exact optional properties are asked for.
      incrementalHandler: incrementalHandler as Defer20220824Handler,
    });
    const states: unknown[] = [];
    const observed = client.watchQuery({ query: gql(BOAT) });
    await new Promise<void>((resolve, reject) => {
      observed.subscribe({
        next: ({ data, dataState }) => {
          states.push(dataState);
          if (dataState !== "complete") return;
          expect(data).toMatchObject({ boat: COMPLETE });
          resolve();
        },
        error: reject,
      });
    });
    expect(states).toContain("streaming");
    client.stop();
  });

  test("reach urql as it comes", async () => {
    const client = new Client({ url: `${gateway.url}/graphql`, exchanges: [cacheExchange, fetchExchange] });
    const results: { data?: { boat?: object }; hasNext?: boolean }[] = [];
    await new Promise<void>((resolve) => {
      client.query(BOAT, {}).subscribe((result) => {
        results.push(result as never);
        if (!result.hasNext) resolve();
      });
    });
    expect(results.length).toBeGreaterThan(1);
    expect(results.at(-1)?.data?.boat).toMatchObject(COMPLETE);
  });

  test("leave urql's plain queries in JSON", async () => {
    const types: (string | null)[] = [];
    const client = new Client({
      url: `${gateway.url}/graphql`,
      exchanges: [fetchExchange],
      fetch: async (...call) => {
        const response = await fetch(...call);
        types.push(response.headers.get("content-type"));
        return response;
      },
    });
    const { data } = await client.query("query Plain { whoAmI }", {}).toPromise();
    expect(data).toMatchObject({ whoAmI: expect.stringContaining("anonymous") as string });
    expect(types).toEqual([expect.stringMatching(/json/)]);
  });
});
