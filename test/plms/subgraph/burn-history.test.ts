import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertAlert, insertReceipts, insertRun, type InsertedRun } from "../fixtures.ts";
import {
  ask,
  createTestClock,
  createTestPorts,
  dataOf,
  startPlms,
  tellManager,
  type RunningPlms,
} from "../support.ts";

const NOW = "2026-03-01T12:00:00.000Z";
const ago = (minutes: number) => new Date(Date.parse(NOW) - minutes * 60_000);
const clock = createTestClock(NOW);

let database: TestDatabase;
let plms: RunningPlms;

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database, { clock, env: { RECONCILE_SECONDS: "3600" } });
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

interface History {
  from: string;
  to: string;
  points: { at: string; usdSpent: number; usdOfRun: number; receipts: number }[];
  budgets: { at: string; usdMax: number | null }[];
  pauses: { from: string; to: string | null; reason: string | null }[];
  alerts: { kind: string }[];
  isComplete: boolean;
}

const ASKING = `query ($id: ID!, $from: DateTime, $to: DateTime, $points: Int!) { projectRun(id: $id) {
  burnHistory(from: $from, to: $to, points: $points) {
    from to isComplete points { at usdSpent usdOfRun receipts }
    budgets { at usdMax } pauses { from to reason } alerts { kind }
  } } }`;

/** As variables travel. */
const asSent = (variables: object) => JSON.parse(JSON.stringify(variables)) as object;

async function historyOf(id: string, variables: object = {}): Promise<History> {
  const data = await dataOf(ask(plms, ASKING, { id, points: 4, ...asSent(variables) }));
  return (data as { projectRun: { burnHistory: History } }).projectRun.burnHistory;
}

/** So many receipts of a cent each, one every `everyMs` from the beginning on. */
async function insertMany(
  run: InsertedRun,
  startedAt: Date,
  { count, everyMs }: { count: number; everyMs: number },
) {
  await sql`
    insert into plms.receipts (run_id, receipt_id, task_id, lane_id, provider, tokens, duration_ms, cost_usd, status, occurred_at)
    select ${run.id}, 'r' || n, ${run.taskIds[0]}, 4200, 'gpt-4', 100, 10, 0.01, 'succeeded',
      ${startedAt}::timestamptz + n * ${everyMs}::float8 * interval '1 millisecond'
    from generate_series(1, ${count}::int) as n`.execute(database.db);
}

describe("the burn history of a run", () => {
  test("adds up ten thousand receipts into as many steps as were asked for, from the first receipt to the last", async () => {
    const startedAt = ago(100);
    const run = await insertRun(database, { startedAt });
    await insertMany(run, startedAt, { count: 10_000, everyMs: 600 });
    const { from, to, points } = await historyOf(run.id, { points: 100 });
    expect([from, to]).toEqual([startedAt.toISOString(), NOW]);
    expect(points).toHaveLength(101);
    expect(points.map(({ usdOfRun }) => usdOfRun)).toEqual(Array.from({ length: 101 }, (_, step) => step));
    expect(points.slice(1).every(({ receipts }) => receipts === 100)).toBe(true);
  });

  test("begins a later span with what was spent before it, and leaves out what came after", async () => {
    const startedAt = ago(100);
    const run = await insertRun(database, { startedAt });
    await insertMany(run, startedAt, { count: 1_000, everyMs: 6_000 });
    const { points } = await historyOf(run.id, { from: ago(50), to: ago(40), points: 2 });
    expect(points).toEqual([
      { at: ago(50).toISOString(), usdSpent: 5, usdOfRun: 5, receipts: 0 },
      { at: ago(45).toISOString(), usdSpent: 5.5, usdOfRun: 5.5, receipts: 50 },
      { at: ago(40).toISOString(), usdSpent: 6, usdOfRun: 6, receipts: 50 },
    ]);
  });

  test("counts what other runs of the project had spent by then, for the budget is the project's", async () => {
    const run = await insertRun(database, { startedAt: ago(10) });
    await insertReceipts(database, run);
    const other = await insertRun(database, { startedAt: ago(10) });
    await database.db
      .updateTable("plms.project_runs")
      .set({ project_id: run.projectId })
      .where("id", "=", other.id)
      .execute();
    await insertMany(other, ago(10), { count: 10, everyMs: 1_000 });
    const { points } = await historyOf(other.id);
    expect(points.at(-1)).toEqual({ at: NOW, usdSpent: 0.2, usdOfRun: 0.1, receipts: 0 });
  });

  test("counts a receipt of a clock that is ahead in the last step", async () => {
    const run = await insertRun(database, { startedAt: ago(10) });
    await insertMany(run, ago(-1), { count: 3, everyMs: 1_000 });
    const { to, points } = await historyOf(run.id);
    expect(to).toBe(NOW);
    expect(points.at(-1)).toMatchObject({ usdOfRun: 0.03, receipts: 3 });
  });

  test("ends with the run once that is over, and with its last receipt when that is later", async () => {
    const run = await insertRun(database, { startedAt: ago(60), status: "completed" });
    await database.db
      .updateTable("plms.project_runs")
      .set({ completed_at: ago(30) })
      .where("id", "=", run.id)
      .execute();
    expect((await historyOf(run.id)).to).toBe(ago(30).toISOString());
    await insertMany(run, ago(21), { count: 1, everyMs: 60_000 });
    const late = await historyOf(run.id);
    expect(late.to).toBe(ago(20).toISOString());
    expect(late.points.at(-1)?.usdOfRun).toBe(0.01);
  });

  test("is null while the run has not started", async () => {
    const run = await insertRun(database);
    await database.db
      .updateTable("plms.project_runs")
      .set({ status: "submitting", started_at: null })
      .where("id", "=", run.id)
      .execute();
    expect(await historyOf(run.id)).toBeNull();
  });

  test("refuses a span that ends before it begins, and says what is allowed", async () => {
    const run = await insertRun(database, { startedAt: ago(60) });
    const answer = await ask(plms, ASKING, {
      id: run.id,
      points: 4,
      ...asSent({ from: ago(10), to: ago(20) }),
    });
    expect(answer.errors?.[0]?.message).toContain("to");
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      allowed: `at least a second after from, ${ago(10).toISOString()}`,
    });
  });
});

describe("the marks of a burn history", () => {
  test("tell every change of the budget within the span, after the limit that stood at its beginning", async () => {
    const startedAt = ago(10);
    const run = await insertRun(database, { startedAt }, { usdMax: 10 });
    const change = `mutation ($id: ID!, $usd: USD) { updateProjectBudget(projectId: $id, usdMax: $usd) { __typename } }`;
    for (const usd of [20, 20, null]) {
      clock.advance(60_000);
      await tellManager(plms, change, { id: run.projectId, usd });
    }
    const whole = await historyOf(run.id);
    expect(whole.budgets).toEqual([
      { at: startedAt.toISOString(), usdMax: 10 },
      { at: ago(-1).toISOString(), usdMax: 20 },
      { at: ago(-3).toISOString(), usdMax: null },
    ]);
    const between = await historyOf(run.id, { from: ago(-2), to: ago(-2.5) });
    expect(between.budgets).toEqual([{ at: ago(-2).toISOString(), usdMax: 20 }]);
  });

  test("tell each pause of the run, with its reason, also the one that lasts", async () => {
    const run = await insertRun(database, { startedAt: ago(10) });
    const { runControl, executor } = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
    await runControl.move(run.id, { from: ["executing"], to: "paused", reason: "Lunch", at: ago(8) });
    await runControl.move(run.id, { from: ["paused"], to: "executing", reason: null, at: ago(6) });
    await runControl.move(run.id, {
      from: ["executing"],
      to: "paused",
      reason: "The budget is used up",
      at: ago(3),
    });
    await executor.close();
    const lunch = { from: ago(8).toISOString(), to: ago(6).toISOString(), reason: "Lunch" };
    const { pauses } = await historyOf(run.id);
    expect(pauses).toEqual([
      lunch,
      { from: ago(3).toISOString(), to: null, reason: "The budget is used up" },
    ]);
    expect((await historyOf(run.id, { from: ago(9), to: ago(4) })).pauses).toEqual([lunch]);
  });

  test("tell alerts that stood within the span, and say when there are more than are told", async () => {
    const run = await insertRun(database, { startedAt: ago(10) });
    await insertAlert(database, run.projectId);
    await database.db
      .updateTable("plms.alerts")
      .set({ raised_at: ago(5) })
      .where("project_id", "=", run.projectId)
      .execute();
    expect((await historyOf(run.id)).alerts).toEqual([{ kind: "RUNWAY_T15" }]);
    expect((await historyOf(run.id, { to: ago(6) })).alerts).toEqual([]);
    await sql`insert into plms.run_pauses (run_id, began_at, ended_at)
      select ${run.id}, ${ago(9)}::timestamptz + n * interval '1 second', ${ago(9)}::timestamptz + (n + 0.5) * interval '1 second'
      from generate_series(1, 250) as n`.execute(database.db);
    const many = await historyOf(run.id);
    expect(many.pauses).toHaveLength(200);
    expect(many.isComplete).toBe(false);
  });
});
