import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { createHandler } from "graphql-http/lib/use/http";
import { useServer } from "graphql-ws/use/ws";
import { parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { clientOf } from "../../client/graph-client.ts";
import { waitFor } from "../../lib/wait.ts";
import { isFull } from "../support/depth.ts";
import { composed } from "../support/composed.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/adding-a-subgraph.md"), "utf8");
const [startGateway = "", generate = ""] = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(
  ([, sh = ""]) => sh,
);

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])`;
const BOOKS = `${LINK}
  scalar Shelf
  type Query { book(isbn: ID!): Book }
  type Book @key(fields: "isbn") { isbn: ID! title: String! shelf: Shelf }`;
const LOANS = `${LINK}
  type Subscription { lent: Book! }
  type Book @key(fields: "isbn") { isbn: ID! readers: Int! }`;
const OPERATIONS = {
  "book.graphql": "query Book($isbn: ID!) { book(isbn: $isbn) { title readers shelf } }",
  "lent.graphql": "subscription Lent { lent { title readers } }",
};

/** Books with Apollo's own server. */
async function serveBooks(): Promise<{ url: string; stop: () => Promise<void> }> {
  const book = ({ isbn }: { isbn: string }) => ({ isbn, title: `Title of ${isbn}`, shelf: { row: 3 } });
  const resolvers = {
    Query: { book: (_: unknown, key: { isbn: string }) => book(key) },
    Book: { __resolveReference: book },
  };
  const schema = buildSubgraphSchema([{ typeDefs: parse(BOOKS), resolvers: resolvers as never }]);
  const server = new ApolloServer({ schema, plugins: [ApolloServerPluginInlineTraceDisabled()] });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: "127.0.0.1" } });
  return { url, stop: () => server.stop() };
}

/** Loans with graphql-http, and graphql-ws for the subscription. */
async function serveLoans(): Promise<{ url: string; stop: () => Promise<void> }> {
  const lent = {
    async *subscribe() {
      yield { lent: { isbn: "7" } };
    },
  };
  const resolvers = {
    Subscription: { lent },
    Book: { readers: ({ isbn }: { isbn: string }) => Number(isbn) },
  };
  const schema = buildSubgraphSchema([{ typeDefs: parse(LOANS), resolvers: resolvers as never }]);
  const handle = createHandler({ schema });
  const server = createServer((request, response) => void handle(request, response));
  const sockets = new WebSocketServer({ server });
  useServer({ schema }, sockets);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const stop = async () => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, stop };
}

describe.runIf(isFull)("a supergraph of strangers, on a gateway that is told nothing else", () => {
  const folder = mkdtempSync(join(tmpdir(), "their-"));
  const stops: (() => unknown)[] = [];
  let url: string;

  /** The page's command for a folder `their/`, on this one. */
  const onFolder = (command: string) => command.replaceAll("their/", `${folder}/`);
  const sh = (command: string) =>
    promisify(execFile)("sh", ["-c", command], { cwd: ROOT }).then(
      () => "",
      ({ stderr }: { stderr: string }) => stderr,
    );

  beforeAll(async () => {
    const [books, loans] = await Promise.all([serveBooks(), serveLoans()]);
    stops.push(books.stop, loans.stop);
    const addressOf = (name: string) => (name === "books" ? books : loans).url;
    writeFileSync(join(folder, "supergraph.graphql"), composed({ books: BOOKS, loans: LOANS }, addressOf));
    mkdirSync(join(folder, "operations"));
    for (const [name, text] of Object.entries(OPERATIONS))
      writeFileSync(join(folder, "operations", name), text);
    const gateway = spawn("sh", ["-c", `exec env PORT=0 ${onFolder(startGateway)}`], {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    stops.push(() => process.kill(-(gateway.pid ?? Number.NaN), "SIGTERM"));
    let printed = "";
    for (const output of [gateway.stdout, gateway.stderr])
      output.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    url = await waitFor(() => /"url":"(http:[^"]+)"/.exec(printed)?.[1], { what: "the gateway's address" });
    const refused = await sh(onFolder(generate));
    if (refused) throw new Error(refused);
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    rmSync(folder, { recursive: true });
  });

  test("answers a query and a subscription across its subgraphs, as the generated documents ask them", async () => {
    const documents = (await import(pathToFileURL(join(folder, "documents.ts")).href)) as Record<
      "BookDocument" | "LentDocument",
      TypedDocumentNode<unknown, Record<string, unknown>>
    >;
    const client = clientOf(url);
    expect(await client.ask(documents.BookDocument, { isbn: "7" })).toMatchObject({
      data: { book: { title: "Title of 7", readers: 7, shelf: { row: 3 } } },
      errors: undefined,
    });
    const { events, problems } = client.watch(documents.LentDocument, {});
    await waitFor(() => events.length + problems.length > 0);
    expect([events, problems]).toEqual([[{ lent: { title: "Title of 7", readers: 7 } }], []]);
    await client.close();
  });

  test("has its types in the documents, and `unknown` for what nobody can know", () => {
    const written = readFileSync(join(folder, "documents.ts"), "utf8");
    expect(written).toContain("book: { title: string, readers: number, shelf: unknown } | null }");
  });

  test("is not generated from without a name for every option, nor with an operation that it does not allow", async () => {
    const [supergraph] = /--supergraph \S+/.exec(onFolder(generate)) ?? [];
    const wrong = join(folder, "wrong");
    mkdirSync(wrong);
    writeFileSync(join(wrong, "colour.graphql"), "query Wrong { book(isbn: 1) { colour } }");
    const told = await Promise.all([
      sh(`npm run codegen -- ${supergraph}`),
      sh(onFolder(generate).replace(/--documents \S+/, `--documents ${wrong}`)),
      sh(onFolder(generate).replace(/--supergraph \S+/, `--supergraph ${wrong}/colour.graphql`)),
    ]);
    expect(told).toEqual([
      expect.stringMatching(/^Missing: --documents, --out\n/),
      expect.stringContaining(
        'colour.graphql: the schema breaks this operation: Cannot query field "colour"',
      ),
      expect.stringMatching(/^--supergraph \S+colour\.graphql: /),
    ]);
  });
});
