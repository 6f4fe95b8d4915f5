import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { waitFor } from "../../lib/wait.ts";
import { isFull } from "../support/depth.ts";
import { quietLog } from "../support/quiet-log.ts";
import { Start } from "./support/npm-start.ts";
import { printedCommands, runPrinted } from "./support/printed-commands.ts";

const PATIENCE = { timeoutMs: 110_000 };
/** Where the pages say that things listen, by what the banner calls them. */
const PRINTED_PORTS = { GraphQL: 4000, PLMS: 6100, catalogue: 6200, executor: 5000, PLM: 5100 } as const;

const SPENT = `{ project(id: "1") { budgetRunway { budget { usdSpent } } } projects(first: 100) { edges { node { name } } } }`;
interface Spent {
  project: { budgetRunway: { budget: { usdSpent: number } } };
  projects: { edges: { node: { name: string } }[] };
}
const START = `mutation { startProject(input: { projectId: "1", runKind: BASELINE, writeSandbox: false }, idempotencyKey: "first-hour")
  { __typename ... on StartProjectSuccess { run { id } } } }`;
const CREATE = `mutation { createProject(input: { name: "My own", products: [], budget: { usdMax: 1 }, tasks:
  [{ name: "one", laneId: 4200, complexity: SIMPLE, estimatedTokens: 10, estimatedDurationMs: 1000, estimatedCostUsd: 0.1 }] }) { __typename } }`;

describe.runIf(isFull)("npm start, in the first hour", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "first hour "));
  const home = mkdtempSync(join(tmpdir(), "first-hour-home-"));
  let start: Start;
  let spentUsd = 0;
  beforeAll(async () => {
    const before = await startEmbeddedPostgres({ dataDir, log: quietLog });
    await tables(before.url, "create table left_behind ()");
    await before.stop();
    start = await new Start(dataDir, "--reset").ready();
  });
  afterAll(async () => {
    await start.stop();
    for (const folder of [dataDir, home]) rmSync(folder, { recursive: true, force: true });
  });

  const spent = async (): Promise<{ usd: number; names: string[] }> => {
    const client = start.admin();
    const { data, errors } = await client.query<Spent & Record<string, unknown>>(SPENT);
    await client.close();
    expect(errors).toBeUndefined();
    return {
      usd: data.project.budgetRunway.budget.usdSpent,
      names: data.projects.edges.map(({ node }) => node.name),
    };
  };

  test("begins afresh when it is told to", async () => {
    expect(await tables(start.shown(/Database +(\S+)/))).not.toContain("left_behind");
    expect(start.printed).toContain("migrations and demo data are in");
  });

  test("says line by line what it does, without a line of JSON", () => {
    for (const step of [
      "starting PostgreSQL",
      "PostgreSQL runs in",
      "demo data are in",
      "the gateway listens",
    ])
      expect(start.printed).toContain(step);
    expect(start.printed.split("\n").filter((line) => line.startsWith("{"))).toEqual([]);
  });

  test("shows a link that signs in, and a playground that answers", async () => {
    const page = await fetch(start.link);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<div id="root">');
    const playground = await fetch(start.shown(/Playground +(\S+)/));
    expect(playground.status).toBe(200);
    expect(playground.headers.get("content-type")).toContain("text/html");
    const admin = start.admin();
    const { data } = await admin.query<{ createProject: { __typename: string } }>(CREATE);
    expect(data.createProject.__typename).toBe("CreateProjectSuccess");
    await admin.close();
  });

  test("shows commands that work as they stand", async () => {
    const [, commands = ""] = /no token needed to look\):\n\n([^]*?)\n\n {2}Break/.exec(start.printed) ?? [];
    expect(commands).toContain("curl");
    const { code, output } = await runPrinted(commands, { PATH: process.env["PATH"] });
    expect(code).toBe(0);
    const name = "Weekly price check";
    expect(JSON.parse(output)).toMatchObject({ data: { project: { name, products: [{ model: {} }] } } });
  });

  test("lets every command of the README and the pages run as it is printed, or says why not", async () => {
    // The pages name the ports that are used unless told otherwise: curl is told that they are elsewhere.
    const ports = Object.entries(PRINTED_PORTS).map(([name, port]) => {
      const url = name === "GraphQL" ? start.gateway : start.shown(new RegExp(`(http:\\S+) \\(${name}\\)`));
      return `connect-to = "127.0.0.1:${port}:127.0.0.1:${new URL(url).port}"`;
    });
    writeFileSync(join(home, ".curlrc"), `${ports.join("\n")}\n`);
    const environment = { PATH: process.env["PATH"], HOME: home, DATA_DIR: dataDir };
    const all = printedCommands();
    expect(all.filter(({ note }) => note && !/\w+ \w+/.test(note.reason))).toEqual([]);
    const runnable = all.filter(({ note }) => note === undefined);
    expect(new Set(runnable.map(({ place }) => place.split(":")[0]))).toEqual(
      new Set(["README.md", "docs/mocks.md", "docs/protocol.md", "docs/runbook.md"]),
    );
    for (const { place, commands } of runnable) {
      const { code, output } = await runPrinted(commands, environment);
      expect({ place, code, output }).toMatchObject({
        code: 0,
        output: expect.not.stringContaining('"errors"'),
      });
    }
  });

  test("refuses a second start on the same data folder, and says what to do", async () => {
    const second = new Start(dataDir);
    expect(await second.exit).toBe(1);
    expect(second.printed).toMatch(
      /npm start already runs on the data folder .* \(process \d+\): use that one, stop it/,
    );
    expect((await fetch(`${start.gateway}/readyz`)).status).toBe(200);
  });

  test("goes on where it was left: nothing is spent again, and nothing is forgotten", async () => {
    const admin = start.admin();
    const { data } = await admin.query<{ startProject: { run: { id: string } } }>(START);
    await waitFor(async () => (await spent()).usd > 0, { ...PATIENCE, what: "something to be spent" });
    const cancel = `mutation($id: ID!) { cancelRun(runId: $id, reason: "enough") { __typename } }`;
    await admin.query(cancel, { id: data.startProject.run.id });
    await admin.close();
    const settled = async () => {
      const before = (await spent()).usd;
      spentUsd = (await spent()).usd;
      return before === spentUsd;
    };
    await waitFor(settled, { what: "the spending to end" });
    const { names } = await spent();
    expect(await start.stop()).toBe(0);
    start = await new Start(dataDir).ready();
    expect(start.printed).toContain("the data are as you left them");
    expect(await spent()).toEqual({ usd: spentUsd, names });
  });
});

/** The tables of nobody's schema, after doing something. */
async function tables(url: string, statement = "select"): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  const found = await client.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  );
  await client.end();
  return found.rows.map(({ name }) => name);
}
