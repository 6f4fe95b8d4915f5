import { createServer, type ServerResponse } from "node:http";
import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, parse, type GraphQLSchema } from "graphql";
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
await contend(() => {
  const name = process.env["SUBGRAPH"] ?? "";
  const schema = schemaOf(name);
  const known = new Map<string, Promise<Buffer>>();
  const answer = async (text: string) => {
    const { query, variables } = JSON.parse(text) as { query: string; variables: Record<string, unknown> };
    const result = await graphql({ schema, source: query, variableValues: variables });
    return Buffer.from(JSON.stringify(result));
  };
  return listen(
    createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        calls.count += 1;
        const text = Buffer.concat(chunks).toString();
        const key = text.replace(NAMES, "");
        const answered = known.get(key) ?? answer(text);
        if (known.size > 5_000) known.clear();
        known.set(key, answered);
        if (LATENCY_MS > 0) setTimeout(() => void respond(response, answered), LATENCY_MS);
        else void respond(response, answered);
      });
    }),
  );
}, calls);

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
