import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearer, startGateway, type TestGateway } from "./support/start-gateway.ts";

/** What clients say that they accept, word for word, unless they are told otherwise. */
const ACCEPT = {
  "urql 6":
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
  "urql 6 for subscriptions": "text/event-stream, multipart/mixed",
  "Apollo Client 4": "application/graphql-response+json,application/json;q=0.9",
  "Apollo Client 4 for subscriptions":
    "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9",
  "Apollo Client 4 with its newest handler for parts":
    "multipart/mixed;incrementalSpec=v0.2,application/graphql-response+json,application/json;q=0.9",
  "Apollo Client with its older handler for parts":
    "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9",
  "graphql-sse": "text/event-stream",
  "graphql-request": "application/graphql-response+json, application/json",
  "fetch and curl": "*/*",
  "an old client": "application/json",
} as const;
type ClientName = keyof typeof ACCEPT;

const MODERN = "application/graphql-response+json";
const SSE = "text/event-stream";
const PARTS = "multipart/mixed";

const QUERY = `{ boat(id: "b1") { name } }`;
const MUTATION = `mutation { rename(id: "b1", name: "Boat b1") { name } }`;
const DEFERRED = `{ boat(id: "b1") { name ... @defer { hull { material } } } }`;
const SUBSCRIPTION = `subscription { boatMoved(id: "b1") { id } }`;

/** The type of the answer to a query or mutation, to a query with deferred parts, and to a subscription. */
const EXPECTED: Record<ClientName, [single: string, deferred: string, events: string | 406]> = {
  "urql 6": [MODERN, SSE, SSE],
  "urql 6 for subscriptions": [SSE, SSE, SSE],
  "Apollo Client 4": [MODERN, MODERN, 406],
  "Apollo Client 4 for subscriptions": [MODERN, PARTS, PARTS],
  "Apollo Client 4 with its newest handler for parts": [MODERN, PARTS, 406],
  "Apollo Client with its older handler for parts": [MODERN, PARTS, 406],
  "graphql-sse": [SSE, SSE, SSE],
  "graphql-request": [MODERN, MODERN, 406],
  "fetch and curl": ["application/json", "application/json", 406],
  "an old client": ["application/json", "application/json", 406],
};

describe.each(Object.entries(ACCEPT) as [ClientName, string][])("what %s accepts", (name, accept) => {
  let gateway: TestGateway;
  let authorization: string;
  beforeAll(async () => {
    gateway = await startGateway();
    authorization = await bearer({}, 3_600);
  });
  afterAll(() => gateway.close());

  const [single, deferred, events] = EXPECTED[name];
  test.each([
    ["a query", QUERY, single],
    ["a mutation", MUTATION, single],
    ["a query whose parts may come later", DEFERRED, deferred],
    ["a subscription", SUBSCRIPTION, events],
  ])("is what it gets for %s", async (_kind, query, expected) => {
    const stop = new AbortController();
    const response = await fetch(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { accept, authorization, "content-type": "application/json", "accept-encoding": "gzip, br" },
      body: JSON.stringify({ query }),
      signal: stop.signal,
    });
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    expect(response.status === 200 ? type : response.status).toBe(expected);
    // Streams are never compressed: their parts would wait in the encoder.
    const isStream = [SSE, PARTS].includes(type);
    expect([isStream, response.headers.get("content-encoding")]).toEqual([isStream, null]);
    stop.abort();
  });
});
