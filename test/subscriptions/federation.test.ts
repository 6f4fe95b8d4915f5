import { afterEach, describe, expect, test } from "vitest";
import { rawClient, subscribe } from "./support/raw-client.ts";
import { startTickerGateway } from "./support/start.ts";
import { waitFor } from "../../lib/wait.ts";

const sockets: (() => void)[] = [];
afterEach(() => {
  for (const close of sockets.splice(0)) close();
});

async function firstEvent(query: string, payload: Record<string, unknown> = {}) {
  const gateway = await startTickerGateway();
  const client = await rawClient(gateway.socketUrl);
  sockets.push(() => client.socket.terminate());
  client.send(subscribe("1", query, payload));
  await waitFor(() => client.messages.some(({ id }) => id === "1"));
  const message = client.messages.find(({ id }) => id === "1");
  return { message, gateway, client };
}

describe("a subscription over two subgraphs", () => {
  test.each([
    [
      "aliases",
      `subscription { t: tick(topic: "a") { n: number p: place { called: name } } }`,
      {},
      { t: { n: 0, p: { called: "Place a" } } },
    ],
    [
      "fragments",
      `subscription { ...Root } fragment Root on Subscription { tick(topic: "a") { ...Where ... on Tick { number } } } fragment Where on Tick { place { name } }`,
      {},
      { tick: { number: 0, place: { name: "Place a" } } },
    ],
    [
      "variables with defaults",
      `subscription ($topic: ID!, $size: Int = 3) { tick(topic: $topic, size: $size) { padding } }`,
      { variables: { topic: "v" } },
      { tick: { padding: "xxx" } },
    ],
    [
      "@include and @skip below the root",
      `subscription ($no: Boolean!, $yes: Boolean!) { tick(topic: "a") { number @include(if: $no) version @skip(if: $no) place @include(if: $yes) { name height @skip(if: $yes) } } }`,
      { variables: { no: false, yes: true } },
      { tick: { version: "0", place: { name: "Place a" } } },
    ],
    [
      "interfaces and unions of the other subgraph",
      `subscription { thing(topic: "a") { __typename number ... on Tick { remarks { __typename ... on Note { text } ... on Warning { level } } } } }`,
      {},
      {
        thing: {
          __typename: "Tick",
          number: 0,
          remarks: [
            { __typename: "Note", text: "note a" },
            { __typename: "Warning", level: 2 },
          ],
        },
      },
    ],
    [
      "one of several operations",
      `query A { slow } subscription B { tick(topic: "a") { number } }`,
      { operationName: "B" },
      { tick: { number: 0 } },
    ],
  ])("takes %s", async (_name, query, payload, data) => {
    const { message } = await firstEvent(query, payload);
    expect(message?.payload).toMatchObject({ data, extensions: { eventId: expect.any(String) } });
    expect(message?.payload?.data).toEqual(data);
    expect(message?.payload?.errors).toBeUndefined();
  });

  test("delivers partial data with the error of each event", async () => {
    const { message } = await firstEvent(
      `subscription { tick(topic: "a") { number place { name broken } } }`,
    );
    expect(message?.payload).toMatchObject({
      data: { tick: { number: 0, place: { name: "Place a", broken: null } } },
      errors: [
        {
          path: ["tick", "place", "broken"],
          extensions: { code: "CONFLICT", subgraph: "places", correlationId: expect.stringMatching(/\.1$/) },
        },
      ],
    });
  });

  test.each([
    [
      "two root fields (G22)",
      `subscription { a: tick(topic: "a") { number } b: tick(topic: "b") { number } }`,
    ],
    [
      "two root fields in fragments (G22)",
      `subscription { ...A ...B } fragment A on Subscription { tick(topic: "a") { number } } fragment B on Subscription { plain(topic: "a") { number } }`,
    ],
    ["introspection at the root", "subscription { __typename }"],
    [
      "a condition at the root",
      `subscription ($x: Boolean = true) { tick(topic: "a") @include(if: $x) { number } }`,
    ],
    ["a root that is skipped", `subscription { tick(topic: "a") @skip(if: true) { number } }`],
    ["a missing variable", `subscription ($topic: ID!) { tick(topic: $topic) { number } }`],
    [
      "a variable of another type",
      `subscription ($size: Int) { tick(topic: "a", size: $size) { number } }`,
      { variables: { size: "many" } },
    ],
    ["a scope that the caller lacks", "subscription { secret { number } }"],
  ])(
    "S12b: is refused with a coded error and opens nothing for %s",
    async (_name: string, query: string, payload: Record<string, unknown> = {}) => {
      const { message, gateway, client } = await firstEvent(query, payload);
      expect(message).toMatchObject({ type: "error" });
      expect(message?.payload).toEqual([
        expect.objectContaining({
          extensions: expect.objectContaining({
            code: expect.stringMatching(/BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED|UNAUTHENTICATED/),
          }),
        }),
      ]);
      expect(gateway.graph.openedStreams).toBe(0);
      client.send({ type: "ping" });
      await client.next("pong");
    },
  );

  test("passes the subgraph's refusal on and ends", async () => {
    const { client } = await firstEvent("subscription { breaks { number } }");
    await client.next("complete", "1");
    expect(client.events("1")).toMatchObject([
      { errors: [{ extensions: { code: "NOT_FOUND", subgraph: "ticker" } }] },
    ]);
  });

  test.each([
    ["W34", "a resolver", "{ fails }"],
    ["W35", "a stream", "subscription { throws { number } }"],
  ])("%s: masks what %s did not mean to tell", async (_id, _name, query) => {
    const { client } = await firstEvent(query);
    await client.next("complete", "1");
    expect(client.events("1")).toMatchObject([{ errors: [{ extensions: { code: "INTERNAL" } }] }]);
    expect(JSON.stringify(client.messages)).not.toContain("hunter2");
  });
});
