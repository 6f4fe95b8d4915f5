import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createDocuments } from "../../../subgraphs/plms/adapters/documents.ts";
import { createNeo4j } from "../../../subgraphs/plms/adapters/kpi/graph.ts";
import { createInspectedDatabase } from "../../../subgraphs/plms/adapters/kpi/inspected-database.ts";
import { createKpiValidators } from "../../../subgraphs/plms/adapters/kpi/validators.ts";
import type { KpiSources } from "../../../subgraphs/plms/adapters/kpi/sources.ts";
import {
  parseJsonReport,
  parseJUnit,
  parseLintReport,
} from "../../../subgraphs/plms/adapters/kpi/reports.ts";
import type { KpiName } from "../../../subgraphs/plms/domain/kpi.ts";
import { createEmptyDatabase, type TestDatabase } from "../../support/database.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { temporaryFolder } from "../../support/temporary-folders.ts";

let inspected: TestDatabase;

beforeAll(async () => {
  inspected = await createEmptyDatabase();
  await sql`create schema shop`.execute(inspected.db);
  await sql`create table shop.orders (id bigint, total numeric)`.execute(inspected.db);
  await sql`insert into shop.orders select n, 1 from generate_series(1, 95) as n`.execute(inspected.db);
});
afterAll(() => inspected.close());

/** Measures a KPI on files of its folder. */
async function measure(name: KpiName, files: Record<string, string>, sources: Partial<KpiSources> = {}) {
  const folder = await temporaryFolder();
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, "here", file)), { recursive: true });
    await writeFile(join(folder, "here", file), text);
  }
  const database = createInspectedDatabase(inspected.db);
  const validators = createKpiValidators({
    documents: createDocuments(folder),
    database,
    graph: undefined,
    longestMs: 300_000,
    log: quietLog,
    ...sources,
  });
  return validators.get(name)?.measure("here", AbortSignal.timeout(5_000));
}

describe("test_pass_rate", () => {
  const JUNIT = `<?xml version="1.0"?><testsuites><testsuite name="a > b" tests="5">
    <testcase name="one"/><testcase name="two" time="0.1"></testcase>
    <testcase name="three &lt;testcase&gt;"><failure message="a &quot;b&quot; > c">no</failure></testcase>
    <testcase name='four'><system-out><![CDATA[<testcase/><failure/>]]></system-out></testcase>
    <testcase name="five"><skipped/></testcase><!-- <testcase name="none"/> -->
    <testcase name="six"><error/></testcase></testsuite></testsuites>`;

  test("is the share of JUnit's test cases that passed, skipped ones left out", async () => {
    expect(parseJUnit(JUNIT)).toEqual({ passed: 3, total: 5 });
    expect(await measure("test_pass_rate", { "test_pass_rate.xml": JUNIT })).toEqual({
      value: 0.6,
      detail: "3 of 5 tests passed",
    });
  });

  test.each([
    [
      "vitest and jest",
      { numTotalTests: 10, numPassedTests: 8, numPendingTests: 1, numTodoTests: 1 },
      [8, 8],
    ],
    ["pytest-json-report", { summary: { total: 10, passed: 8, skipped: 1, failed: 1 } }, [8, 9]],
    ["anybody", { passed: 1, total: 2 }, [1, 2]],
  ])("reads the JSON of %s", (_who, report, [passed, total]) => {
    expect(parseJsonReport(JSON.stringify(report))).toEqual({ passed, total });
  });

  test.each([
    ["no report", {}, /is not there/],
    ["no test", { "test_pass_rate.json": '{"passed":0,"total":0}' }, /0 passed of 0/],
    ["more passed than there are", { "test_pass_rate.json": '{"passed":3,"total":2}' }, /3 passed of 2/],
    ["another XML", { "test_pass_rate.xml": "<html/>" }, /not JUnit/],
    ["no JSON", { "test_pass_rate.json": "passed" }, /not JSON/],
  ])("has no value with %s", async (_case, files, message) => {
    await expect(measure("test_pass_rate", files)).rejects.toThrow(message);
  });
});

describe("linter_pass", () => {
  const sarif = (...results: object[]) => ({ version: "2.1.0", runs: [{ results }] });
  test.each([
    ["SARIF without results", sarif(), 0],
    ["SARIF with a finding", sarif({ ruleId: "a" }), 1],
    ["SARIF with what is suppressed or passed", sarif({ suppressions: [{}] }, { kind: "pass" }), 0],
    [
      "ESLint",
      [
        { errorCount: 1, warningCount: 2 },
        { errorCount: 0, warningCount: 0 },
      ],
      3,
    ],
    ["oxlint", { diagnostics: [{}, {}] }, 2],
  ])("reads %s", (_who, report, findings) => {
    expect(parseLintReport(JSON.stringify(report))).toBe(findings);
  });

  test("is true only when nothing was found", async () => {
    const lint = (report: object) => measure("linter_pass", { "linter_pass.json": JSON.stringify(report) });
    expect(await lint(sarif())).toEqual({ value: true, detail: "0 findings" });
    expect(await lint(sarif({}))).toEqual({ value: false, detail: "1 findings" });
    await expect(lint({ findings: 0 })).rejects.toThrow(/neither SARIF/);
  });
});

describe("the database KPIs", () => {
  const schema = (tables: object) =>
    measure("schema_diff", { "schema_diff.json": JSON.stringify({ tables }) });
  const rows = (tables: object) =>
    measure("row_count_delta", { "row_count_delta.json": JSON.stringify({ tables }) });

  test("count the columns that are not as expected", async () => {
    expect(await schema({ "shop.orders": { id: "bigint", total: "numeric" } })).toMatchObject({ value: 0 });
    expect(await schema({ "shop.orders": { id: "integer", note: "text" } })).toEqual({
      value: 3,
      detail:
        "shop.orders.id is bigint instead of integer, shop.orders.note is missing, shop.orders.total is surplus",
    });
    expect(await schema({ "shop.nothing": { id: "bigint" } })).toMatchObject({ value: 1 });
  });

  test("compare row counts, the worst table counts", async () => {
    expect(await rows({ "shop.orders": 100 })).toEqual({
      value: 0.05,
      detail: "shop.orders: 95 instead of 100",
    });
    expect(await rows({ "shop.orders": 95 })).toMatchObject({ value: 0 });
    await expect(rows({ "shop.nothing": 1 })).rejects.toThrow(/does not exist/);
  });

  test.each([
    "orders",
    "a.b.c",
    'shop.orders"; drop table shop.orders; --',
    "shop.orders where true",
    "",
    "shop.1a",
  ])("refuse %j as the name of a table", async (name) => {
    await expect(schema({ [name]: { id: "bigint" } })).rejects.toThrow(/is not a table name/);
    await expect(rows({ [name]: 1 })).rejects.toThrow(/is not a table name/);
    expect(await rows({ "shop.orders": 95 })).toMatchObject({ value: 0 });
  });

  test("never write, whatever the database has in store", async () => {
    await sql`
      create function shop.sneaky() returns bigint language sql
      as 'insert into shop.orders values (0, 0) returning id'`.execute(inspected.db);
    await sql`create view shop.trap as select 1 as one where shop.sneaky() >= 0`.execute(inspected.db);
    await expect(rows({ "shop.trap": 1 })).rejects.toThrow(/read-only transaction/);
    expect(await rows({ "shop.orders": 95 })).toMatchObject({ value: 0 });
  });

  test.each([[{}], [{ tables: {} }], [{ tables: { "shop.orders": "many" } }]])(
    "refuse the expectation %j",
    async (expected) => {
      await expect(
        measure("row_count_delta", { "row_count_delta.json": JSON.stringify(expected) }),
      ).rejects.toThrow(/expectation/);
    },
  );
});

describe("graph_edge_count_delta", () => {
  /** Neo4j's HTTP API, as far as it matters. */
  async function startNeo4j(answer: (type: string) => { status?: number; body: unknown }) {
    const seen: { url: string; authorization: string | undefined; body: unknown }[] = [];
    const server = createServer((request, response) => void handle(request, response));
    const handle = async (request: IncomingMessage, response: ServerResponse) => {
      const body = JSON.parse(await text(request)) as {
        statements: { parameters: { type: string } }[];
      };
      seen.push({ url: request.url ?? "", authorization: request.headers.authorization, body });
      const { status = 200, body: told } = answer(body.statements[0]?.parameters.type ?? "");
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(told));
    };
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const graph = createNeo4j({ url, user: "reader", password: "pass", database: "neo4j" });
    onTestFinished(async () => {
      await graph.close();
      server.close();
    });
    return { graph, seen };
  }
  const counted = (edges: number) => ({ body: { results: [{ data: [{ row: [edges] }] }], errors: [] } });
  const edges = (expected: object, graph: KpiSources["graph"]) =>
    measure(
      "graph_edge_count_delta",
      { "graph_edge_count_delta.json": JSON.stringify({ edges: expected }) },
      { graph },
    );

  test("compares the number of edges of each type, which is a parameter and never part of the statement", async () => {
    const { graph, seen } = await startNeo4j((type) => counted(type === "BUYS" ? 110 : 7));
    expect(await edges({ BUYS: 100, "x`]-() DELETE": 7 }, graph)).toEqual({
      value: 0.1,
      detail: "BUYS: 110 instead of 100",
    });
    expect(seen[0]).toMatchObject({
      url: "/db/neo4j/tx/commit",
      authorization: `Basic ${Buffer.from("reader:pass").toString("base64")}`,
    });
    expect(
      new Set(
        seen.map(({ body }) => JSON.stringify(body).includes("MATCH ()-[edge]->() WHERE type(edge) = $type")),
      ),
    ).toEqual(new Set([true]));
  });

  test.each([
    [
      "refuses",
      { body: { results: [], errors: [{ code: "Neo.ClientError.Security", message: "secret" }] } },
      /refused: Neo.ClientError.Security/,
    ],
    ["answers 500", { status: 500, body: {} }, /answered 500/],
    ["answers nonsense", { body: { hello: 1 } }, /answered 200/],
    ["counts nothing", { body: { results: [], errors: [] } }, /counted nothing/],
  ])("has no value when Neo4j %s", async (_case, answer, message) => {
    const { graph } = await startNeo4j(() => answer);
    await expect(edges({ BUYS: 1 }, graph)).rejects.toThrow(message);
  });
});

describe("the text KPIs", () => {
  test("are measured from their files", async () => {
    const texts = [{ candidate: "a b c d e", references: ["a b c d e"] }];
    expect(await measure("bleu_score", { "bleu_score.json": JSON.stringify(texts) })).toMatchObject({
      value: 1,
    });
    expect(await measure("readability", { "readability.md": "The cat sat on the mat." })).toMatchObject({
      value: expect.closeTo(-1.45, 10),
    });
    expect(await measure("readability", { "readability.txt": "The cat sat on the mat." })).toBeDefined();
  });

  test("have no value without texts", async () => {
    await expect(measure("bleu_score", { "bleu_score.json": "[]" })).rejects.toThrow(/expectation/);
    await expect(measure("readability", { "readability.md": "..." })).rejects.toThrow(/no words/);
  });
});

test("every validator says what it lacks", () => {
  const nothing = createKpiValidators({
    documents: undefined,
    database: undefined,
    graph: undefined,
    longestMs: 300_000,
    log: quietLog,
  });
  expect([...nothing.values()].every(({ missing }) => missing === "ARTIFACTS_DIR is not configured")).toBe(
    true,
  );
  const files = createKpiValidators({
    documents: createDocuments("/nowhere"),
    database: undefined,
    graph: undefined,
    longestMs: 300_000,
    log: quietLog,
  });
  expect([...files.values()].map(({ name, missing }) => [name, missing])).toEqual([
    ["test_pass_rate", null],
    ["linter_pass", null],
    ["schema_diff", "KPI_DATABASE_URL is not configured"],
    ["row_count_delta", "KPI_DATABASE_URL is not configured"],
    ["graph_edge_count_delta", "NEO4J_URL is not configured"],
    ["bleu_score", null],
    ["readability", null],
  ]);
});
