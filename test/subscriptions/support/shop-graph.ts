import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { CodedError } from "../../../lib/errors.ts";
import { createGraphQLEndpoint, type GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { createHub, type Hub } from "../../../lib/hub.ts";
import { createLog } from "../../../lib/log.ts";
import { composed } from "../../support/composed.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@provides", "@shareable"])`;

/** Four subgraphs of a shop that has nothing to do with our own graph. */
const SDL: Readonly<Record<string, string>> = {
  orders: `
    type Query { order(id: ID!): Order }
    type Subscription { orderChanged(id: ID!): Order! activity(id: ID!): Activity! node(id: ID!): Node! }
    interface Node { id: ID! }
    union Activity = Order | Remark
    type Remark { text: String! about: Product! }
    type Order implements Node @key(fields: "id") { id: ID! total: Float! buyer: User! lines: [Line!]! }
    type Line { count: Int! product: Product! }
    type User @key(fields: "id", resolvable: false) { id: ID! }
    type Product @key(fields: "upc", resolvable: false) { upc: ID! }`,
  users: `
    type User @key(fields: "id") { id: ID! name: String! favourite: Product friends: [User!]! }
    type Product @key(fields: "upc", resolvable: false) { upc: ID! }`,
  products: `
    type Query { product(upc: ID!): Product }
    type Product @key(fields: "upc") { upc: ID! name: String! grams: Int! lastOrder: Order }
    type Order @key(fields: "id", resolvable: false) { id: ID! }`,
  stock: `
    type Product @key(fields: "upc") { upc: ID! grams: Int! @external postage: Float @requires(fields: "grams") inStock: Int! }`,
};

export interface ShopGraph {
  sdl: string;
  endpoints: ReadonlyMap<string, GraphQLEndpoint>;
  /** Requests by subgraph. */
  requests: Record<string, number>;
  /** Something about the order has changed; its total is now this. */
  change(id: string, total: number): void;
}

export function createShopGraph(): ShopGraph {
  const totals = new Map<string, number>();
  const requests: Record<string, number> = {};
  const order = (id: string) => ({
    __typename: "Order",
    id,
    total: totals.get(id) ?? 0,
    buyer: { id: "u1" },
    lines: ["p1", "p2", "p3"].map((upc, index) => ({ count: index + 1, product: { upc } })),
  });
  const hub = createHub<object>({ load: async (id) => order(id), onError: () => {} });
  const resolvers = resolversOf(order, hub);
  const endpoints = new Map(
    Object.entries(SDL).map(([name, sdl]) => {
      const schema = buildSubgraphSchema([
        { typeDefs: parse(LINK + sdl), resolvers: resolvers[name] as never },
      ]);
      const log = createLog({ name, level: "silent" });
      const endpoint = createGraphQLEndpoint({ schema, log, createContext: () => ({}) });
      const counted: GraphQLEndpoint = {
        ...endpoint,
        execute: (request) => {
          requests[name] = (requests[name] ?? 0) + 1;
          return endpoint.execute(request);
        },
      };
      return [name, counted] as const;
    }),
  );
  return {
    sdl: composed(SDL),
    endpoints,
    requests,
    change: (id, total) => {
      totals.set(id, total);
      hub.changed(id);
    },
  };
}

function resolversOf(
  order: (id: string) => object,
  hub: Pick<Hub<object>, "watch">,
): Readonly<Record<string, object>> {
  const watch = { subscribe: (_: unknown, { id }: { id: string }) => hub.watch(id) };
  return {
    orders: {
      Query: { order: (_: unknown, { id }: { id: string }) => order(id) },
      Subscription: {
        orderChanged: { ...watch, resolve: (value: unknown) => value },
        activity: {
          ...watch,
          resolve: (value: { total: number }) =>
            value.total < 0 ? { __typename: "Remark", text: "returned", about: { upc: "p1" } } : value,
        },
        node: { ...watch, resolve: (value: unknown) => value },
      },
      Node: { __resolveType: () => "Order" },
      Order: { __resolveReference: ({ id }: { id: string }) => order(id) },
    },
    users: {
      User: {
        __resolveReference: ({ id }: { id: string }) => ({ id, name: `User ${id}` }),
        favourite: () => ({ upc: "p9" }),
        friends: ({ id }: { id: string }) =>
          id === "u1" ? ["u2", "u3"].map((friend) => ({ id: friend, name: `User ${friend}` })) : [],
      },
    },
    products: {
      Query: { product: (_: unknown, { upc }: { upc: string }) => product(upc) },
      Product: { __resolveReference: ({ upc }: { upc: string }) => product(upc) },
    },
    stock: {
      Product: {
        __resolveReference: (reference: object) => reference,
        inStock: () => 3,
        postage: ({ upc, grams }: { upc: string; grams: number }) => {
          if (upc === "p2") throw new CodedError("CONFLICT", "This one is too large for the post");
          return grams / 100;
        },
      },
    },
  };
}

const product = (upc: string) => ({
  upc,
  name: `Product ${upc}`,
  grams: 250,
  lastOrder: { id: `${upc}-last` },
});
