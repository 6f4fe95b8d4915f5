import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { Client as UrqlClient, fetchExchange, type OperationResult } from "@urql/core";
import { createClient as createSseClient } from "graphql-sse";
import { describe, expect, onTestFinished, test } from "vitest";
import { bearer, startGateway } from "./support/start-gateway.ts";

/** Clients as their users have them, each over every transport that it knows, with each kind of operation that is answered once. */
const OPERATIONS = {
  query: { text: `query Boat { boat(id: "b1") { id name } }`, root: "boat", want: { name: "Boat b1" } },
  mutation: {
    text: `mutation Rename { rename(id: "b1", name: "Renamed") { id name } }`,
    root: "rename",
    want: { name: "Renamed" },
  },
  "query with a deferred part": {
    text: `query Boat { boat(id: "b1") { id name ...Late @defer(label: "late") } } fragment Late on Boat { hull { code material } }`,
    root: "boat",
    want: { name: "Boat b1", hull: { code: "h-b1", material: "aluminium" } },
  },
  "query with deferred parts inside of each other in a list": {
    text: `query Boats { boats { id ... on Boat @defer { name ... on Boat @defer { hull { material } } } } }`,
    root: "boats",
    want: expect.arrayContaining([
      expect.objectContaining({ name: "Boat b1", hull: expect.objectContaining({ material: "aluminium" }) }),
    ]),
  },
} as const;

type Kind = keyof typeof OPERATIONS;

/** What a client has come to in the end, and in how many states it was shown. */
interface Seen {
  data: unknown;
  states: number;
}

interface Asking {
  address: string;
  authorization: string;
  /** Notes the media type of the answer. */
  fetch: typeof globalThis.fetch;
}

const urqlAccepting =
  (accept?: string) =>
  async ({ address, authorization, fetch }: Asking, { text }: (typeof OPERATIONS)[Kind]): Promise<Seen> => {
    const client = new UrqlClient({
      url: address,
      preferGetMethod: false,
      exchanges: [fetchExchange],
      fetch,
      fetchOptions: { headers: { authorization, ...(accept !== undefined && { accept }) } },
    });
    const source = text.startsWith("mutation") ? client.mutation(text, {}) : client.query(text, {});
    const results: OperationResult[] = [];
    await new Promise<void>((resolve) => {
      source.subscribe((result) => {
        results.push(result);
        if (!result.hasNext) resolve();
      });
    });
    expect(results.map(({ error }) => error?.message)).toEqual(results.map(() => undefined));
    return { data: results.at(-1)?.data, states: results.length };
  };

const apolloWith =
  (incrementalHandler: object) =>
  async ({ address, authorization, fetch }: Asking, { text }: (typeof OPERATIONS)[Kind]): Promise<Seen> => {
    const client = new ApolloClient({
      link: new HttpLink({ uri: address, fetch, headers: { authorization } }),
      cache: new InMemoryCache(),
      // Its own types do not fit each other where exact optional properties are asked for.
      incrementalHandler: incrementalHandler as Defer20220824Handler,
    });
    onTestFinished(() => client.stop());
    if (text.startsWith("mutation")) {
      const { data } = await client.mutate({ mutation: gql(text) });
      return { data, states: 1 };
    }
    let states = 0;
    const data = await new Promise((resolve, reject) => {
      client.watchQuery({ query: gql(text) }).subscribe({
        next: ({ data: shown, dataState }) => {
          if (dataState === "streaming" || dataState === "complete") states += 1;
          if (dataState === "complete") resolve(shown);
        },
        error: reject,
      });
    });
    return { data, states };
  };

const SSE = "text/event-stream";
const MULTIPART = "multipart/mixed";
const JSON_TYPE = "application/graphql-response+json";

/** Clients by name: how they ask, and the media types that they get for an answer in one piece and for one in parts. */
const CLIENTS = {
  "urql as it comes": { ask: urqlAccepting(), whole: JSON_TYPE, parts: SSE },
  "urql over server-sent events": { ask: urqlAccepting(SSE), whole: SSE, parts: SSE },
  "urql over multipart HTTP": { ask: urqlAccepting(MULTIPART), whole: MULTIPART, parts: MULTIPART },
  "urql over multipart HTTP of the older form": {
    ask: urqlAccepting("multipart/mixed;deferSpec=20220824, application/graphql-response+json"),
    whole: JSON_TYPE,
    parts: MULTIPART,
  },
  "Apollo Client with its newest handler": {
    ask: apolloWith(new GraphQL17Alpha9Handler()),
    whole: JSON_TYPE,
    parts: MULTIPART,
  },
  "Apollo Client with its older handler": {
    ask: apolloWith(new Defer20220824Handler()),
    whole: JSON_TYPE,
    parts: MULTIPART,
  },
};

describe.each(Object.entries(CLIENTS))("an unmodified %s", (_name, { ask, whole, parts }) => {
  test.each(Object.keys(OPERATIONS) as Kind[])(
    "gets all of a %s, in the form that it takes",
    async (kind) => {
      const gateway = await startGateway();
      onTestFinished(() => gateway.close());
      const types: string[] = [];
      const asking: Asking = {
        address: `${gateway.url}/graphql`,
        authorization: await bearer(),
        fetch: async (...call) => {
          const response = await fetch(...call);
          types.push(response.headers.get("content-type")?.split(";")[0] ?? "");
          return response;
        },
      };
      const operation = OPERATIONS[kind];
      const isDeferred = kind.includes("deferred");
      // The first time, when it is planned, and again, when it is known.
      for (let time = 0; time < 3; time++) {
        const { data, states } = await ask(asking, operation);
        expect((data as Record<string, unknown>)[operation.root]).toMatchObject(operation.want);
        expect(states > 1).toBe(isDeferred);
      }
      expect(new Set(types)).toEqual(new Set([isDeferred ? parts : whole]));
    },
  );
});

test("An unmodified graphql-sse gets a query, a mutation and deferred parts as events, and their ends", async () => {
  const gateway = await startGateway();
  onTestFinished(() => gateway.close());
  const client = createSseClient({
    url: `${gateway.url}/graphql`,
    headers: { authorization: await bearer() },
  });
  onTestFinished(() => client.dispose());
  const resultsOf = async (kind: Kind) => {
    const results: unknown[] = [];
    for await (const result of client.iterate({ query: OPERATIONS[kind].text })) results.push(result);
    return results;
  };
  expect(await resultsOf("query")).toMatchObject([{ data: { boat: OPERATIONS.query.want } }]);
  expect(await resultsOf("mutation")).toMatchObject([{ data: { rename: OPERATIONS.mutation.want } }]);
  expect(await resultsOf("query with a deferred part")).toMatchObject([
    { data: { boat: { name: "Renamed" } }, hasNext: true },
    { incremental: [{ data: { hull: { material: "aluminium" } } }], hasNext: false },
  ]);
});
