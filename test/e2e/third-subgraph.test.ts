import { spawn, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GatewayClient } from "../../client/graph-client.ts";
import { SECRETS, startFleet, type Fleet } from "../../fleet/fleet.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { waitFor } from "../../lib/wait.ts";
import { isFull } from "../support/depth.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/adding-a-subgraph.md"), "utf8");

/** The blocks of code of the page, in order; those of a file by its name. */
const blocks = [...page.matchAll(/(?:`([\w./]+)`\n\n)?```(\w+)\n([\s\S]*?)```/g)].map(
  ([, file, language = "", code = ""]) => ({ file, language, code }),
);
const fileOf = (name: string) => blocks.find(({ file }) => file === name)?.code ?? "";
const asks = (kind: string) =>
  blocks.find(({ language, code }) => language === "graphql" && code.startsWith(kind))?.code ?? "";

describe.runIf(isFull)("a third subgraph, added as the page says", () => {
  const folder = mkdtempSync(join(tmpdir(), "a third subgraph "));
  let database: TestDatabase;
  let fleet: Fleet;
  let admin: GatewayClient;
  let url: string;
  let stopServer = (): unknown => undefined;

  beforeAll(async () => {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    // 1 and 2: the schema, and the supergraph with it.
    cpSync(join(root, "schema"), join(folder, "schema"), { recursive: true });
    writeFileSync(join(folder, "schema/notes.graphql"), fileOf("schema/notes.graphql"));
    const list = join(folder, "schema/subgraphs.ts");
    const line = blocks.find(({ language }) => language === "ts")?.code ?? "";
    writeFileSync(list, readFileSync(list, "utf8").replace(/\];\s*$/, `${line}];\n`));
    execFileSync(process.execPath, [join(folder, "schema/compose.ts")]);
    // 3: the server.
    writeFileSync(join(folder, "notes.graphql"), fileOf("schema/notes.graphql"));
    writeFileSync(join(folder, "server.mjs"), fileOf("server.mjs"));
    const server = spawn(process.execPath, ["server.mjs"], {
      cwd: folder,
      env: { PORT: "0", GATEWAY_SUBGRAPH_SECRET: SECRETS.GATEWAY_SUBGRAPH_SECRET },
    });
    stopServer = () => server.kill();
    let output = "";
    server.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    server.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await waitFor(() => /listen on \d+/.test(output), { what: `the server: ${output}` });
    url = `http://127.0.0.1:${/listen on (\d+)/.exec(output)?.[1]}/graphql`;
    // 4: the gateway. The fleet says where its own subgraphs are, so the new one's address goes into the file.
    const supergraph = join(folder, "schema/supergraph.graphql");
    const composed = readFileSync(supergraph, "utf8").replace("http://127.0.0.1:6300/graphql", url);
    writeFileSync(supergraph, composed);
    database = await createTestDatabase({ seed: true });
    fleet = await startFleet({
      databaseUrl: database.url,
      env: { gateway: { SUPERGRAPH_FILE: supergraph, AUTH_ANONYMOUS_SCOPES: "" } },
    });
    admin = await fleet.admin();
  });
  afterAll(async () => {
    await admin?.close();
    await fleet?.close();
    await database?.close();
    stopServer();
    rmSync(folder, { recursive: true });
  });

  test("answers the mutation, the query and the subscription of the page, joined with PLMS", async () => {
    const events = admin.watch(parse(asks("subscription")), {});
    const write = async () => {
      const { data, errors } = await admin.query(asks("mutation"));
      expect(errors).toBeUndefined();
      expect(data).toMatchObject({
        addNote: { by: expect.any(String), project: { name: expect.any(String) } },
      });
    };
    // A subscription that is not open yet hears nothing of what was written before.
    await waitFor(async () => {
      await write();
      return events.events.length > 0;
    });
    expect(events.problems).toEqual([]);
    expect(events.events[0]).toMatchObject({
      noteAdded: { text: "Ask the yard about the hull", project: { status: "APPROVED" } },
    });
    events.stop();
    const { data } = await admin.query<{ project: { notes: unknown[] } }>(asks("query"));
    expect(data.project.notes[0]).toMatchObject({ text: "Ask the yard about the hull" });
  });

  test("is not open to those without a token, and not reached around the gateway", async () => {
    const ask = (address: string) =>
      fetch(address, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: "{ notes { text } }" }),
      });
    expect((await ask(`${fleet.urls.gateway}/graphql`)).status).toBe(401);
    expect((await ask(url)).status).toBe(403);
  });
});
