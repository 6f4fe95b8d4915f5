import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, parse } from "graphql";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { waitFor } from "../../lib/wait.ts";
import { composed } from "../support/composed.ts";
import { startScript } from "../support/script.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`;
const BOOKS = `${LINK} type Query { book(isbn: ID!): Book } type Book @key(fields: "isbn") { isbn: ID! title: String! }`;
const READERS = `${LINK} type Book @key(fields: "isbn") { isbn: ID! readers: Int! }`;

/** A subgraph by somebody who has never heard of this gateway: plain GraphQL over HTTP. */
async function serveForeign(sdl: string, resolvers: object): Promise<string> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]);
  const server = createServer((request, response) => {
    void (async () => {
      const { query, variables } = (await json(request)) as {
        query: string;
        variables?: Record<string, unknown>;
      };
      const result = await graphql({ schema, source: query, variableValues: variables });
      response.setHeader("content-type", "application/json").end(JSON.stringify(result));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function foreignSupergraph(): Promise<string> {
  const book = ({ isbn }: { isbn: string }) => ({ isbn, title: `Title of ${isbn}` });
  const books = {
    Query: { book: (_: unknown, key: { isbn: string }) => book(key) },
    Book: { __resolveReference: book },
  };
  const readers = { Book: { __resolveReference: ({ isbn }: { isbn: string }) => ({ isbn, readers: 7 }) } };
  const addresses: Readonly<Record<string, string>> = {
    books: await serveForeign(BOOKS, books),
    readers: await serveForeign(READERS, readers),
  };
  return composed({ books: BOOKS, readers: READERS }, (name) => addresses[name] ?? "");
}

test("a gateway process answers for any supergraph file, without a word about tokens, where HOST and PORT say", async () => {
  const file = join(await temporaryFolder(), "supergraph.graphql");
  writeFileSync(file, await foreignSupergraph());
  const environment = { SUPERGRAPH_FILE: file, AUTH_MODE: "off", HOST: "127.0.0.1", PORT: "0" };
  const child = startScript("gateway/main.ts", [], { environment });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  for (const output of [child.stdout, child.stderr])
    output.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => void child.once("exit", resolve));
  const url = await waitFor(() => /"url":"(http:\/\/127\.0\.0\.1:\d+)"/.exec(printed)?.[1], {
    timeoutMs: 30_000,
    what: "the address",
  });
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: `{ book(isbn: "1") { title readers } }` }),
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ data: { book: { title: "Title of 1", readers: 7 } } });
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
});
