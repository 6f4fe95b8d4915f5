import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { rawClient, subscribe } from "./support/raw-client.ts";
import { createShopGraph, type ShopGraph } from "./support/shop-graph.ts";
import { startTickerGateway, type TickerGateway } from "./support/start.ts";
import { createTickerGraph } from "./support/ticker-graph.ts";

let shop: ShopGraph;
let gateway: TickerGateway;
beforeAll(async () => {
  shop = createShopGraph();
  gateway = await startTickerGateway({ graph: { ...createTickerGraph(), ...shop }, isShared: true });
});
afterAll(() => gateway.close());
beforeEach(() => {
  for (const name of Object.keys(shop.requests)) delete shop.requests[name];
});

async function listen(query: string, variables: object) {
  const client = await rawClient(gateway.socketUrl);
  onTestFinished(() => client.socket.terminate());
  client.send(subscribe("1", query, { variables }));
  return client;
}

async function ask(query: string, variables: object) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as { data: Record<string, unknown>; errors?: unknown[] };
}

/** What is selected of an order, from the plain to all four subgraphs and back. */
const SELECTIONS: readonly (readonly [string, string])[] = [
  ["its own fields under aliases", "number: id sum: total"],
  ["one entity", "buyer { name }"],
  ["entities of entities", "buyer { name favourite { name grams friendly: name } }"],
  ["entities in lists of lists", "buyer { friends { name favourite { upc name } } }"],
  [
    "what another subgraph requires of a third",
    "lines { count product { inStock } buyer: product { grams } }",
  ],
  [
    "the way through every subgraph and back to the first",
    "buyer { favourite { lastOrder { total buyer { name favourite { postage } } } } }",
  ],
  ["fragments, named and inline, within each other", "...Who lines { ... on Line { product { ...What } } } "],
  [
    "fields by condition",
    "total @skip(if: $yes) buyer @include(if: $yes) { name favourite @include(if: $no) { name } } id @include(if: $no)",
  ],
];
const FRAGMENTS = `fragment Who on Order { buyer { ...Named } } fragment Named on User { name friends { id } } fragment What on Product { name inStock }`;
const CONDITIONS = "$yes: Boolean = true, $no: Boolean = false";

const documents = (selection: string) => {
  const fragments = selection.includes("...Who") ? FRAGMENTS : "";
  const variables = selection.includes("$yes") ? `($id: ID!, ${CONDITIONS})` : "($id: ID!)";
  return {
    subscription: `subscription ${variables} { order: orderChanged(id: $id) { ${selection} } } ${fragments}`,
    query: `query ${variables} { order(id: $id) { ${selection} } } ${fragments}`,
  };
};

describe("a subscription on a supergraph that we have never seen", () => {
  test.each(SELECTIONS)("delivers what a query would answer at that moment: %s", async (name, selection) => {
    const id = name.replaceAll(/\W/g, "-");
    const { subscription, query } = documents(selection);
    const client = await listen(subscription, { id });
    await client.next("next", "1");
    expect(client.events("1")[0]?.errors).toBeUndefined();
    expect(client.events("1")[0]?.data).toEqual((await ask(query, { id })).data);
    shop.change(id, 42);
    if (!selection.includes("total") || selection.includes("$yes")) return;
    await waitFor(() => client.events("1").length === 2);
    expect(client.events("1")[1]?.data).toEqual((await ask(query, { id })).data);
  });

  test("asks each subgraph once per event and step, however many entities there are", async () => {
    const client = await listen(documents("total lines { product { name inStock } }").subscription, {
      id: "b",
    });
    await client.next("next", "1");
    expect(shop.requests).toEqual({ products: 1, stock: 1 });
    shop.change("b", 7);
    await waitFor(() => client.events("1").length === 2);
    expect(shop.requests).toEqual({ products: 2, stock: 2 });
  });

  test("tells per event which part failed, beside the data that could be had", async () => {
    const client = await listen(documents("total lines { product { upc postage } }").subscription, {
      id: "c",
    });
    await client.next("next", "1");
    shop.change("c", 9);
    await waitFor(() => client.events("1").length === 2);
    for (const [index, total] of [0, 9].entries())
      expect(client.events("1")[index]).toMatchObject({
        data: {
          order: {
            total,
            lines: [
              { product: { upc: "p1", postage: 2.5 } },
              { product: { upc: "p2", postage: null } },
              { product: { upc: "p3", postage: 2.5 } },
            ],
          },
        },
        errors: [
          {
            path: ["order", "lines", 1, "product", "postage"],
            extensions: { code: "CONFLICT", subgraph: "stock" },
          },
        ],
      });
  });

  test("follows a union and an interface at the root into other subgraphs, whichever type comes", async () => {
    const union = await listen(
      `subscription ($id: ID!) { activity(id: $id) { __typename ... on Order { total buyer { name } } ... on Remark { text about { name } } } }`,
      { id: "d" },
    );
    const node = await listen(
      `subscription ($id: ID!) { node(id: $id) { id ... on Order { buyer { favourite { name } } } } }`,
      { id: "d" },
    );
    await union.next("next", "1");
    await node.next("next", "1");
    shop.change("d", -1);
    await waitFor(() => union.events("1").length === 2);
    expect(union.events("1").map(({ data }) => data)).toEqual([
      { activity: { __typename: "Order", total: 0, buyer: { name: "User u1" } } },
      { activity: { __typename: "Remark", text: "returned", about: { name: "Product p1" } } },
    ]);
    expect(node.events("1")[0]?.data).toEqual({
      node: { id: "d", buyer: { favourite: { name: "Product p9" } } },
    });
  });
});
