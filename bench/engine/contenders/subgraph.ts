import { createServer, type ServerResponse } from "node:http";
import { graphql } from "graphql";
import { contend, listen } from "../contender.ts";
import { subgraphSchema, type SubgraphName } from "../graph.ts";
import { shopSchema } from "../shop.ts";

/** How long each answer takes, in milliseconds. */
const LATENCY_MS = Number(process.env["LATENCY_MS"] ?? 0);

/** A subgraph that executes each distinct request once and remembers the answer, to stay out of the way. */
const calls = { count: 0 };
await contend(() => {
  const name = process.env["SUBGRAPH"] ?? "";
  const schema = process.env["GRAPH"] === "shop" ? shopSchema(name) : subgraphSchema(name as SubgraphName);
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
        const answered = known.get(text) ?? answer(text);
        if (known.size > 5_000) known.clear();
        known.set(text, answered);
        if (LATENCY_MS > 0) setTimeout(() => void respond(response, answered), LATENCY_MS);
        else void respond(response, answered);
      });
    }),
  );
}, calls);

async function respond(response: ServerResponse, answered: Promise<Buffer>): Promise<void> {
  const body = await answered;
  response.writeHead(200, ["content-type", "application/json", "content-length", String(body.length)]);
  response.end(body);
}
