import { sql, Kysely, PostgresDialect, type CompiledQuery } from "kysely";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../../db/tables.ts";
import { PROJECT_SORTS } from "../../../subgraphs/plms/domain/project-order.ts";
import {
  listProjects,
  summariseProjects,
  type ProjectListArguments,
} from "../../../subgraphs/plms/operations/list-projects.ts";
import { recordReceipts } from "../../../subgraphs/plms/operations/record-receipts.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { readsOf } from "../../support/query-plans.ts";
import { insertRun } from "../fixtures.ts";
import { EVERY, insertManyProjects } from "../many-projects.ts";
import { createTestPorts, type TestPorts } from "../support.ts";

const COUNT = 10_000;
const TENANT = "large";

let database: TestDatabase;
let ports: TestPorts;
let watched: Kysely<Database>;
const statements: CompiledQuery[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  await insertManyProjects(database.db, { count: COUNT, tenant: TENANT });
  await insertManyProjects(database.db, { count: 300, tenant: "other" });
  const pool = new Pool({ connectionString: database.url });
  // Closing the database may overtake the end of a connection.
  pool.on("error", () => undefined);
  watched = new Kysely<Database>({
    dialect: new PostgresDialect({ pool }),
    log: (event) => {
      if (event.level === "query") statements.push(event.query);
    },
  });
  ports = createTestPorts({ db: watched }, { baseUrl: "http://127.0.0.1:9" });
});
afterAll(async () => {
  await watched.destroy();
  await ports.executor.close();
  await database.close();
});

const list = (args: ProjectListArguments = {}) => listProjects(ports, TENANT, { first: 100, ...args });

const namesOf = ({ edges }: Awaited<ReturnType<typeof list>>) => edges.map(({ node }) => node.name);
const idsOf = ({ edges }: Awaited<ReturnType<typeof list>>) => edges.map(({ node }) => node.id);

/** Goes through `pages` pages, there and back again. */
async function walk(args: ProjectListArguments, pages: number): Promise<{ there: string[]; back: string[] }> {
  const there: string[] = [];
  let last = await list(args);
  there.push(...idsOf(last));
  for (let page = 1; page < pages; page += 1) {
    last = await list({ ...args, after: last.pageInfo.endCursor });
    there.push(...idsOf(last));
  }
  const back = idsOf(last);
  while (last.pageInfo.hasPreviousPage) {
    last = await list({ ...args, before: last.pageInfo.startCursor });
    back.unshift(...idsOf(last));
  }
  return { there, back };
}

/** The same order by the simplest statement. */
async function ordered(sort: string, descending: boolean): Promise<string[]> {
  const key = {
    created: sql`id`,
    name: sql`lower(name)`,
    spent: sql`coalesce((select sum(usd_spent) from plms.project_runs where project_id = project.id), 0)`,
    danger: sql`(select case status when 'critical' then 2 when 'warning' then 1 else 0 end
      from plms.project_runways where project_id = project.id)`,
  }[sort];
  const direction = sql.raw(descending ? "desc" : "asc");
  const { rows } = await sql<{ id: string }>`
    select id from plms.projects as project where tenant = ${TENANT}
    order by ${key} ${direction}, id ${direction}`.execute(database.db);
  return rows.map(({ id }) => id);
}

describe(`a list of ${COUNT} projects`, () => {
  test.each(PROJECT_SORTS.flatMap((sort) => [false, true].map((descending) => ({ sort, descending }))))(
    "sorted by $sort (descending: $descending) shows each project once, in order, there and back",
    async ({ sort, descending }) => {
      const expected = await ordered(sort, descending);
      const { there, back } = await walk({ sort, descending }, 5);
      expect(there).toEqual(expected.slice(0, 500));
      expect(back).toEqual(there);
    },
  );

  test("goes back to the very last page from beyond it, and says where it ends", async () => {
    const last = await list({ descending: true, first: 1 });
    const beginning = await list({ before: last.pageInfo.startCursor, first: 2 });
    expect(beginning.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    expect(Number(idsOf(beginning)[1])).toBe(Number(idsOf(last)[0]) - 1);
  });

  test("is narrowed by text in any case, by id, status, danger and product, and counts what is left", async () => {
    const found = await list({ search: "HARBOUR 7" });
    expect(found.totalCount).toBeGreaterThan(10);
    expect(namesOf(found).every((name) => name.startsWith("Harbour 7"))).toBe(true);
    const [id = ""] = idsOf(found);
    expect(idsOf(await list({ search: id }))).toContain(id);
    expect((await list({ search: "100 % of_nothing" })).totalCount).toBe(0);
    expect((await list({ status: "executing" })).totalCount).toBe(COUNT / EVERY.executing);
    expect((await list({ runway: "critical" })).totalCount).toBe(COUNT / EVERY.critical);
    expect((await list({ runway: "unknown" })).totalCount).toBe(0);
    const ofAModel = await list({ modelId: "lx24", status: "executing", runway: "critical" });
    expect(Math.abs(ofAModel.totalCount - COUNT / EVERY.critical / 3)).toBeLessThan(1);
  });

  test("refuses a cursor of another order, and one beside another, by name", async () => {
    const { pageInfo } = await list({ sort: "name" });
    await expect(list({ after: pageInfo.endCursor })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      details: { field: "after" },
    });
    await expect(list({ sort: "spent", before: pageInfo.endCursor })).rejects.toMatchObject({
      details: { field: "before" },
    });
    await expect(
      list({ sort: "name", after: pageInfo.endCursor, before: pageInfo.startCursor }),
    ).rejects.toMatchObject({ details: { field: "before" } });
  });

  /**
   * How many projects a page of twenty may look at; one in two hundred is in danger. PostgreSQL 15 numbers its rows by
   * reading one ahead.
   */
  const DIRECT: Record<string, [args: ProjectListArguments, mostRows: number]> = {
    "by age": [{}, 22],
    "by name": [{ sort: "name", descending: true }, 22],
    "in a status": [{ status: "executing" }, 400],
    "in danger": [{ runway: "critical" }, 4_200],
    "of a model in danger": [{ runway: "critical", modelId: "lx24" }, 4_200],
  };
  test.each(Object.entries(DIRECT))(
    "reads by an index what its page needs: %s",
    async (_name, [args, mostRows]) => {
      const middle = await list({ ...args, first: 40 });
      statements.length = 0;
      await list({ ...args, first: 20, after: middle.pageInfo.endCursor });
      const page = statements.find(({ sql: text }) => text.includes("limit"));
      const reads = (await readsOf(database.db, page!)).filter(
        ({ table, isAside }) => table === "projects" && !isAside,
      );
      expect(reads).not.toEqual([]);
      expect(reads.filter(({ how, rows }) => how === "Seq Scan" || rows > mostRows)).toEqual([]);
    },
  );
});

describe("what all projects add up to", () => {
  test("is counted where they are, not on a page of them", async () => {
    const summary = await summariseProjects(ports, TENANT);
    expect(summary).toMatchObject({
      total: COUNT,
      running: COUNT / EVERY.executing,
      critical: COUNT / EVERY.critical,
      warning: COUNT / EVERY.warning,
      firingAlerts: 0,
      usdSpentToday: 0,
    });
    const { rows } = await sql<{ usd: string }>`
      select sum(usd_spent) as usd from plms.project_runs as run join plms.projects as project on project.id = project_id
      where tenant = ${TENANT}`.execute(database.db);
    expect(summary.usdSpent).toBe(Number(rows[0]?.usd));
    expect(summary.byStatus.reduce((sum, { projects }) => sum + projects, 0)).toBe(COUNT);
  });

  test("tells what was charged today in UTC, late receipts on their own day", async () => {
    const run = await insertRun(database, {}, { tenant: "spender" });
    const charge = (receiptId: string, occurredAt: string, costUsd: number) => ({
      receiptId,
      taskId: run.taskIds[0] ?? "",
      laneId: 4200,
      provider: "gpt-4",
      tokens: 10,
      durationMs: 10,
      costUsd,
      echoCos: null,
      status: "succeeded" as const,
      occurredAt: new Date(occurredAt),
    });
    const told = (messageId: string, charges: ReturnType<typeof charge>[]) =>
      recordReceipts(ports, { messageId, executorRunId: run.executorRunId, charges });
    await told("m1", [charge("a", "2026-03-01T00:00:00Z", 0.5), charge("b", "2026-02-28T23:59:59Z", 4)]);
    await told("m2", [charge("c", "2026-03-01T07:00:00Z", 0.25), charge("a", "2026-03-01T00:00:00Z", 0.5)]);
    expect(await summariseProjects(ports, "spender")).toMatchObject({
      total: 1,
      usdSpent: 4.75,
      usdSpentToday: 0.75,
    });
  });

  test("is nothing for those who have no project", async () => {
    expect(await summariseProjects(ports, "nobody")).toMatchObject({ total: 0, byStatus: [], usdSpent: 0 });
  });
});
