import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { composeServices } from "@apollo/composition";
import { buildSchema, execute, parse, subscribe, type ExecutionResult } from "graphql";
import type * as Config from "../../../gateway/config.ts";
import type * as Server from "../../../gateway/server.ts";
import type { GraphQLEndpoint, GraphQLRequest } from "../../../lib/graphql-endpoint.ts";
import type * as Log from "../../../lib/log.ts";

/**
 * A gateway before one subgraph of texts, on a free port of a process of its own. Answers its parent's questions with
 * numbers: `port`, `liveBytes`, `emit <count>`.
 */
const SDL = `
  type Query { text(size: Int!): String! tenth(n: Int!): String! }
  type Subscription { texts(topic: ID!, size: Int!): Text! }
  type Text { text: String! number: Int! }
`;
const schema = buildSchema(SDL);
const arrivals = new Set<() => void>();
let number = 0;

const rootValue = {
  text: ({ size }: { size: number }) => "x".repeat(size),
  texts: async function* texts({ size }: { size: number }) {
    for (let seen = number; ;) {
      while (seen < number) {
        seen += 1;
        yield { texts: { text: `${seen} `.padEnd(size, "y"), number: seen } };
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      arrivals.add(resolve);
      await promise;
    }
  },
};

const argumentsOf = ({ query, variables, operationName }: GraphQLRequest) => ({
  schema,
  rootValue,
  document: parse(query),
  variableValues: variables ?? {},
  operationName: operationName ?? null,
});

const endpoint: GraphQLEndpoint = {
  execute: async (request) => execute(argumentsOf(request)),
  subscribe: (request) => eventsOf(request),
};

async function* eventsOf(request: GraphQLRequest): AsyncGenerator<ExecutionResult, void, void> {
  const stream = await subscribe(argumentsOf(request));
  if (!(Symbol.asyncIterator in stream)) yield stream;
  else yield* stream;
}

/** Modules of the checkout that is measured. */
const root = pathToFileURL(`${process.env["ROOT"] ?? "."}/`);
const load = async <T>(path: string) => (await import(new URL(path, root).href)) as T;
const { readGatewayConfig } = await load<typeof Config>("gateway/config.ts");
const { createGateway } = await load<typeof Server>("gateway/server.ts");
const { createLog } = await load<typeof Log>("lib/log.ts");

const file = join(mkdtempSync(join(tmpdir(), "stalled-")), "supergraph.graphql");
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [])`;
const composed = composeServices([
  { name: "texts", url: "http://127.0.0.1:1/graphql", typeDefs: parse(LINK + SDL) },
]);
if (composed.errors) throw new Error(composed.errors.map(({ message }) => message).join("\n"));
writeFileSync(file, composed.supergraphSdl);
const gateway = await createGateway(
  readGatewayConfig({
    PORT: "0",
    SUPERGRAPH_FILE: file,
    AUTH_MODE: "off",
    GATEWAY_SUBGRAPH_SECRET: "a-secret-for-subgraphs",
    ...(JSON.parse(process.env["GATEWAY_ENV"] ?? "{}") as Record<string, string>),
  }),
  { log: createLog({ name: "gateway", level: "silent" }), inProcess: new Map([["texts", endpoint]]) },
);
const port = Number(new URL(await gateway.listen()).port);

async function liveBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await sleep(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function emit(count: number): Promise<number> {
  for (let sent = 0; sent < count; sent++) {
    number += 1;
    const arrived = [...arrivals];
    arrivals.clear();
    for (const resolve of arrived) resolve();
    // One after the other, so that none is left out before it is completed.
    await sleep(2);
  }
  return number;
}

process.on("message", (question: string) => {
  const [word = "", count = "0"] = question.split(" ");
  const answer = word === "port" ? port : word === "liveBytes" ? liveBytes() : emit(Number(count));
  void Promise.resolve(answer).then((value) => process.send?.(value));
});
