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
 * numbers: `port`, `liveBytes`, `residentBytes`, `emit <count>`.
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
  texts: ({ size }: { size: number }) => openTexts(size),
};

/** Texts from now on, until whoever asked for them has gone, which does not wait for the next one. */
function openTexts(size: number): AsyncIterableIterator<{ texts: { text: string; number: number } }> {
  const state = { seen: number, isOpen: true, wake: () => {} };
  const end = async () => {
    state.isOpen = false;
    arrivals.delete(state.wake);
    state.wake();
    return { done: true as const, value: undefined };
  };
  const next = async (): Promise<IteratorResult<{ texts: { text: string; number: number } }>> => {
    if (!state.isOpen) return { done: true, value: undefined };
    if (state.seen < number) {
      state.seen += 1;
      const text = `${state.seen} `.padEnd(size, "y");
      return { done: false, value: { texts: { text, number: state.seen } } };
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    state.wake = resolve;
    arrivals.add(resolve);
    await promise;
    return next();
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next,
    return: end,
    throw: end,
  };
}

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
  {
    log: createLog({ name: "gateway", level: "silent" }),
    inProcess: new Map([["texts", endpoint]]),
  },
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
  const answers: Record<string, () => number | Promise<number>> = {
    port: () => port,
    liveBytes,
    residentBytes: () => process.memoryUsage.rss(),
    emit: () => emit(Number(count)),
  };
  void Promise.resolve(answers[word]?.()).then((value) => process.send?.(value));
});
