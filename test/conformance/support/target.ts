import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import type { Target } from "../../../conformance/target.ts";
import { readGatewayConfig } from "../../../gateway/config.ts";
import { createGateway } from "../../../gateway/server.ts";
import { createGraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { NO_DOCUMENTS, TEST_JWT, TEST_SUBGRAPH_SECRET } from "../../gateway/support/start-gateway.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { composed } from "../../support/composed.ts";

const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { item: Item! }
  type Item @key(fields: "id") { id: ID! slow: String! }
  type Mutation { touch: Boolean! }
  type Subscription { tick(everyMs: Int = 50, size: Int = 0): Tick! countdown: Int! }
  type Tick { number: Int! padding: String! }`;

const resolvers = {
  Query: { item: () => ({ id: "1" }) },
  Mutation: { touch: () => true },
  Item: { __resolveReference: (item: object) => item, slow: () => sleep(20, "slow") },
  Subscription: {
    tick: { subscribe: (_: unknown, args: { everyMs: number; size: number }) => ticks(args) },
    countdown: { subscribe: () => countdown() },
  },
};

async function* ticks({ everyMs, size }: { everyMs: number; size: number }) {
  for (let number = 0; ; number++) {
    yield { tick: { number, padding: "x".repeat(size) } };
    await sleep(everyMs);
  }
}

async function* countdown() {
  for (let left = 3; left > 0; left--) yield { countdown: left };
}

/** This gateway over a graph that has something for every rule to ask; `close` ends it. */
export async function startTarget(): Promise<{ target: Target; close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  const typeDefs = parse(SDL);
  writeFileSync(join(folder, "supergraph.graphql"), composed({ ticks: SDL }));
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
  const endpoint = createGraphQLEndpoint({ schema, log: quietLog, createContext: () => ({}) });
  const config = readGatewayConfig({
    PORT: "0",
    SUPERGRAPH_FILE: join(folder, "supergraph.graphql"),
    GATEWAY_SUBGRAPH_SECRET: TEST_SUBGRAPH_SECRET,
    JWT_SECRET: TEST_JWT.secret,
    ...NO_DOCUMENTS,
    SOCKETS_PER_ADDRESS: "1000",
    RATE_LIMIT_PER_SECOND: "10000",
    RATE_LIMIT_BURST: "10000",
    SOCKETS_PER_IDENTITY: "1000",
  });
  const gateway = await createGateway(config, { log: quietLog, inProcess: new Map([["ticks", endpoint]]) });
  const url = `${await gateway.listen()}/graphql`;
  return {
    target: targetAt(url),
    close: () => gateway.close().then(() => rmSync(folder, { recursive: true })),
  };
}

/** How the rules ask that graph, wherever it is. */
export const targetAt = (url: string): Target => ({
  httpUrl: url,
  socketUrl: url.replace("http", "ws"),
  headers: {},
  init: undefined,
  badInit: { authorization: "Bearer of nobody" },
  subscription: "subscription { tick { number } }",
  ending: "subscription { countdown }",
  large: "subscription { tick(everyMs: 50) { number } }",
  defer: "{ item { id ... @defer { slow } } }",
  stream: undefined,
  timeoutMs: 10_000,
  initTimeoutMs: 10_000,
  quietMs: 150,
});
