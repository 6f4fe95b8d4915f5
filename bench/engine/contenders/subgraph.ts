import { createServer, type Server, type ServerResponse } from "node:http";
import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, parse, type ExecutionResult, type GraphQLSchema } from "graphql";
import { fakeResolvers } from "../../../test/execution/support/fake-data.ts";
import { contend, listen } from "../contender.ts";
import { subgraphSchema, type SubgraphName } from "../graph.ts";
import { shopSchema } from "../shop.ts";

/** How long each answer takes, in milliseconds. */
const LATENCY_MS = Number(process.env["LATENCY_MS"] ?? 0);

/** What operations are called makes no difference to their answers. */
const NAMES = /(?<="(?:query|mutation) )\w+|,?"operationName":"\w*"/g;

/** A subgraph that executes each distinct request once and remembers the answer, to stay out of the way. */
const calls = { count: 0 };
let state: State = "healthy";
let port = 0;
await contend(() => {
  const name = process.env["SUBGRAPH"] ?? "";
  const schema = schemaOf(name);
  const known = new Map<string, Promise<Buffer>>();
  const answer = async (text: string) => {
    const { query, variables } = JSON.parse(text) as { query: string; variables: Record<string, unknown> };
    const result = await graphql({ schema, source: query, variableValues: variables });
    return Buffer.from(
      JSON.stringify(state === "faulty" || state === "coded" ? withOneFault(result) : result),
    );
  };
  return listening(
    createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        calls.count += 1;
        const text = Buffer.concat(chunks).toString();
        const key = state + text.replace(NAMES, "");
        const answered = known.get(key) ?? answer(text);
        if (known.size > 5_000) known.clear();
        known.set(key, answered);
        if (LATENCY_MS > 0) setTimeout(() => void respond(response, answered), LATENCY_MS);
        else void respond(response, answered);
      });
    }),
  );
}, calls);

/**
 * What the bench tells it to be: there, gone, or there with one entity of each request that fails, with an error that says
 * nothing to clients or with one that has a code for them.
 */
const STATES = ["healthy", "down", "faulty", "coded"] as const;
type State = (typeof STATES)[number];

function withOneFault(result: ExecutionResult): ExecutionResult {
  const entities = result.data?.["_entities"];
  if (!Array.isArray(entities)) return result;
  const own = entities.map((entity: unknown, index) => (index === 7 ? null : entity));
  const extensions = state === "coded" ? { extensions: { code: "PLM_UNAVAILABLE" } } : {};
  const errors = [{ message: "This one cannot be read", path: ["_entities", 7], ...extensions }];
  return { data: { ...result.data, _entities: own }, errors: errors as never };
}

/** Listens, and is gone and back again at the same address when it is told so. */
function listening(server: Server): Promise<string> {
  process.on("message", (message) => {
    const told = STATES.find((each) => each === message);
    if (!told) return;
    const wasDown = state === "down";
    state = told;
    if (state === "down") {
      server.close();
      server.closeAllConnections();
    } else if (wasDown) server.listen(port, "127.0.0.1");
  });
  server.once("listening", () => {
    const address = server.address();
    if (typeof address === "object" && address) port = address.port;
  });
  return listen(server);
}

function schemaOf(name: string): GraphQLSchema {
  if (process.env["GRAPH"] === "shop") return shopSchema(name);
  return process.env["GRAPH"] === "shipped" ? shippedSchema(name) : subgraphSchema(name as SubgraphName);
}

/** A subgraph of the shipped supergraph, over invented data. */
function shippedSchema(name: string): GraphQLSchema {
  const file = new URL(`../../../schema/${name}.graphql`, import.meta.url);
  const typeDefs = parse(readFileSync(file, "utf8"));
  const resolvers = fakeResolvers(buildSubgraphSchema([{ typeDefs }]));
  return buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
}

async function respond(response: ServerResponse, answered: Promise<Buffer>): Promise<void> {
  const body = await answered;
  response.writeHead(200, ["content-type", "application/json", "content-length", String(body.length)]);
  response.end(body);
}
