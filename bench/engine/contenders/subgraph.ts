import { createServer, type ServerResponse } from "node:http";
import { graphql } from "graphql";
import { contend, listen } from "../contender.ts";
import { subgraphSchema, type SubgraphName } from "../graph.ts";

/** A subgraph that executes each distinct request once and remembers the answer, to stay out of the way. */
await contend(() => {
  const schema = subgraphSchema(process.env["SUBGRAPH"] as SubgraphName);
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
        const text = Buffer.concat(chunks).toString();
        const answered = known.get(text) ?? answer(text);
        if (known.size > 5_000) known.clear();
        known.set(text, answered);
        void respond(response, answered);
      });
    }),
  );
});

async function respond(response: ServerResponse, answered: Promise<Buffer>): Promise<void> {
  const body = await answered;
  response.writeHead(200, ["content-type", "application/json", "content-length", String(body.length)]);
  response.end(body);
}
