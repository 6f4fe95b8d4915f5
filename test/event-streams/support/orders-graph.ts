import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { createGraphQLEndpoint, type GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { CodedError } from "../../../lib/errors.ts";
import { openOnDemand, streamOf } from "../../../lib/streams.ts";
import { createLog } from "../../../lib/log.ts";
import { composed } from "../../support/composed.ts";

const FEDERATION = `@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@composeDirective", "@requiresScopes", "@inaccessible"])`;

/** What a schema needs that declares streams. */
export const STREAMS = `
  extend schema ${FEDERATION}
    @link(url: "https://lifecycle-gateway.dev/eventStream/v0.1", import: ["@eventStream"])
    @composeDirective(name: "@eventStream")
  directive @eventStream(message: String!, topics: [String!], broker: String, orSubgraph: Boolean = false) on FIELD_DEFINITION`;

export const OTHERS: Readonly<Record<string, string>> = {
  users: `extend schema ${FEDERATION}
    type User @key(fields: "id") { id: ID! name: String! favourite: Product }
    type Product @key(fields: "upc", resolvable: false) { upc: ID! }`,
  products: `extend schema ${FEDERATION}
    type Query { product(upc: ID!): Product }
    type Product @key(fields: "upc") { upc: ID! name: String! grams: Int! }`,
};

const ORDERS = `
  type Query { order(id: ID!): Order }
  type Subscription {
    orderChanged(id: ID!): Order!
      @eventStream(message: "id total lines { count product { upc } }", topics: ["STREAM.orders.{$args.id}"])
    noticed(kind: Kind, about: About): Notice!
      @eventStream(
        message: "{ __typename ... on Order { id } ... on Remark { text product { upc } } }"
        topics: ["STREAM.noticed.{$claims.tenant}.{$args.kind}.{$args.about.place}"]
      )
    secret: Remark!
      @requiresScopes(scopes: [["plm.view"]])
      @eventStream(message: "{ text product { upc } }", topics: ["STREAM.secret"])
    mine: Remark! @eventStream(message: "{ text product { upc } }", topics: ["STREAM.mine.{$claims.subject}"])
    tracked(id: ID!): Order!
      @eventStream(message: "id lines { count product { upc } }", topics: ["STREAM.tracked.{$args.id}"], orSubgraph: true)
    gauge: Remark! @eventStream(message: "{ text product { upc } }", topics: ["STREAM.gauge"])
  }
  enum Kind { GOOD BAD }
  input About { place: String = "here" }
  union Notice = Order | Remark
  type Remark { text: String! product: Product! }
  type Order @key(fields: "id") { id: ID! total: Float! buyer: User! lines: [Line!]! kind: Kind note: String }
  type Line { count: Int! product: Product! }
  type User @key(fields: "id", resolvable: false) { id: ID! }
  type Product @key(fields: "upc", resolvable: false) { upc: ID! }`;

export interface OrdersGraph {
  sdl: string;
  endpoints: ReadonlyMap<string, GraphQLEndpoint>;
  /** Requests by subgraph. */
  requests: Record<string, number>;
  /** Subscriptions by subgraph. */
  subscriptions: Record<string, number>;
}

/** Three subgraphs of a shop, which stream nothing: a broker feeds every subscription. Topics begin with the stream. */
export function createOrdersGraph(stream: string): OrdersGraph {
  const schemas = { orders: STREAMS + ORDERS, ...OTHERS };
  const requests: Record<string, number> = {};
  const subscriptions: Record<string, number> = {};
  const endpoints = Object.entries(schemas).map(([name, sdl]) => {
    const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers[name] ?? {} }] as never);
    const log = createLog({ name, level: "silent" });
    const endpoint = createGraphQLEndpoint({ schema, log, createContext: () => ({}) });
    const counted: GraphQLEndpoint = {
      ...endpoint,
      execute: (request) => {
        requests[name] = (requests[name] ?? 0) + 1;
        return endpoint.execute(request);
      },
      subscribe: (request) => {
        subscriptions[name] = (subscriptions[name] ?? 0) + 1;
        return endpoint.subscribe(request);
      },
    };
    return [name, counted] as const;
  });
  // Composed once for all streams: their name is nothing but the beginning of topics.
  return {
    sdl: composed(schemas).replaceAll("STREAM", stream),
    endpoints: new Map(endpoints),
    requests,
    subscriptions,
  };
}

const order = (id: string) => ({ id, total: 1, buyer: { id: "u1" }, kind: "GOOD", note: `note of ${id}` });

/** What the subgraph says itself of what is tracked: by the id it refuses, cannot say for now, or has nothing to tell. */
const tracked = {
  subscribe: (_: unknown, { id }: { id: string }) => {
    if (id === "none") throw new CodedError("NOT_FOUND", "Order none does not exist");
    if (id === "away")
      throw new CodedError("SUBGRAPH_UNAVAILABLE", "The database is away", { retryable: true });
    return id === "new"
      ? streamOf({ tracked: order("from the subgraph") })
      : openOnDemand(() => new Promise<AsyncIterator<never>>(() => {}));
  },
};

const resolvers: Readonly<Record<string, object>> = {
  orders: {
    Subscription: { tracked },
    Query: { order: (_: unknown, { id }: { id: string }) => order(id) },
    Order: { __resolveReference: ({ id }: { id: string }) => order(id) },
  },
  users: {
    User: {
      __resolveReference: ({ id }: { id: string }) => ({ id, name: `User ${id}`, favourite: { upc: "p9" } }),
    },
  },
  products: {
    Query: {
      product: (_: unknown, { upc }: { upc: string }) => ({ upc, name: `Product ${upc}`, grams: 250 }),
    },
    Product: {
      __resolveReference: ({ upc }: { upc: string }) => ({ upc, name: `Product ${upc}`, grams: 250 }),
    },
  },
};
