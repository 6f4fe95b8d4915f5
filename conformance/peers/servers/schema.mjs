import { setTimeout as sleep } from "node:timers/promises";

/** What every server here serves: a query, a mutation, a subscription that goes on and one that ends. */
export const typeDefs = /* GraphQL */ `
  type Query {
    hello: String!
    item: Item!
    numbers: [Int!]!
  }
  type Item {
    id: ID!
    name: String!
    slow: String!
  }
  type Mutation {
    touch: Boolean!
  }
  type Subscription {
    tick(everyMs: Int = 200, size: Int = 0): Tick!
    countdown(from: Int = 3): Int!
  }
  type Tick {
    number: Int!
    at: Float!
    padding: String!
  }
`;

async function* ticks({ everyMs, size }) {
  for (let number = 0; ; number++) {
    yield { tick: { number, at: Date.now(), padding: "x".repeat(size) } };
    await sleep(everyMs);
  }
}

async function* countdown({ from }) {
  for (let left = from; left > 0; left--) {
    yield { countdown: left };
    await sleep(20);
  }
}

export const resolvers = {
  Query: {
    hello: () => "world",
    item: () => ({ id: "1", name: "one" }),
    numbers: () => [1, 2, 3],
  },
  Item: {
    __resolveReference: ({ id }) => ({ id, name: "one" }),
    slow: () => sleep(100, "slow"),
  },
  Mutation: { touch: () => true },
  Subscription: {
    tick: { subscribe: (_, args) => ticks(args) },
    countdown: { subscribe: (_, args) => countdown(args) },
  },
};

/** A subgraph of the same. */
export const federated = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  ${typeDefs.replace("type Item {", 'type Item @key(fields: "id") {')}`;

/** Tells whoever started this process where it listens. */
export const ready = (server) => process.send({ port: server.address().port });
