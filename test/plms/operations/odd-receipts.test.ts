import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Charge } from "../../../subgraphs/plms/domain/run.ts";
import { recordReceipts } from "../../../subgraphs/plms/operations/record-receipts.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertRun } from "../fixtures.ts";
import { createTestPorts, type TestPorts } from "../support.ts";

let database: TestDatabase;
let ports: TestPorts;

beforeAll(async () => {
  database = await createTestDatabase();
  ports = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
});
afterAll(() => Promise.all([database.close(), ports.executor.close()]));

let ids = 0;
const newId = () => `id-${(ids += 1)}`;

/** A run on a project with so many tasks of 0.10 USD, started now. */
const executingRun = ({
  kind = "baseline",
  tasks = 3,
}: { kind?: "baseline" | "rehearsal"; tasks?: number } = {}) =>
  insertRun(
    database,
    { kind, startedAt: ports.clock.now() },
    { tasks: Array.from({ length: tasks }, () => "simple" as const) },
  );

const charge = (taskId: string | undefined, changes: Partial<Charge> = {}): Charge => ({
  receiptId: newId(),
  taskId: taskId ?? "0",
  laneId: 4200,
  provider: "gpt-4",
  tokens: 500,
  durationMs: 1000,
  costUsd: 0.05,
  echoCos: null,
  status: "succeeded",
  occurredAt: ports.clock.now(),
  ...changes,
});

const record = (executorRunId: string, charges: readonly Charge[], messageId = newId()) =>
  recordReceipts(ports, { messageId, executorRunId, charges });

const totalsOf = (runId: string) =>
  database.db
    .selectFrom("plms.project_runs")
    .select([
      "usd_spent",
      "tokens_spent",
      "estimated_usd_done",
      "tasks_completed",
      "tasks_failed",
      "receipts_count",
      "version",
      "burn_usd",
      "burn_at",
    ])
    .where("id", "=", runId)
    .executeTakeFirstOrThrow();

describe("receipts", () => {
  test("of less than a millionth of a dollar add up to the last digit", async () => {
    const run = await executingRun();
    const tiny = Array.from({ length: 950 }, () => charge(run.taskIds[0], { costUsd: 4e-7 }));
    await record(run.executorRunId, tiny);
    await record(
      run.executorRunId,
      tiny.map((same) => ({ ...same, receiptId: newId() })),
    );
    expect(Number((await totalsOf(run.id)).usd_spent)).toBe(0.000_76);
    expect((await ports.runs.byIds([run.id]))[0]?.usdSpent).toBe(0.000_76);
    const page = await ports.runs.receipts([run.id], { first: 1, after: undefined });
    expect(page.get(run.id)?.items[0]).toMatchObject({ costUsd: 4e-7, costUsdExact: "0.0000004" });
  });

  test("that come again with another amount change nothing, and are kept for somebody to see", async () => {
    const run = await executingRun();
    const known = charge(run.taskIds[0], { costUsd: 0.05 });
    await record(run.executorRunId, [known]);
    const other = { ...known, costUsd: 0.5, tokens: 900 };
    expect(await record(run.executorRunId, [other, charge(run.taskIds[1])])).toEqual({
      recorded: 1,
      duplicate: 1,
      conflicting: 1,
    });
    await record(run.executorRunId, [other]);
    expect(await totalsOf(run.id)).toMatchObject({ receipts_count: "2", tokens_spent: "1000" });
    expect((await ports.runs.receiptConflicts([run.id])).get(run.id)).toEqual([
      expect.objectContaining({
        receiptId: known.receiptId,
        kept: { taskId: run.taskIds[0], tokens: 500, costUsdExact: "0.05" },
        told: { taskId: run.taskIds[0], tokens: 900, costUsdExact: "0.5" },
        times: 2,
      }),
    ]);
  });

  test("that disagree within one message count as the first says", async () => {
    const run = await executingRun();
    const first = charge(run.taskIds[0], { costUsd: 0.05 });
    expect(await record(run.executorRunId, [first, { ...first, costUsd: 7 }])).toMatchObject({
      recorded: 1,
      conflicting: 1,
    });
    expect(Number((await totalsOf(run.id)).usd_spent)).toBe(0.05);
  });

  test("of a credit do not slow what burns", async () => {
    const run = await executingRun();
    await record(run.executorRunId, [charge(run.taskIds[0], { costUsd: 5 })]);
    const before = await totalsOf(run.id);
    await record(run.executorRunId, [charge(run.taskIds[0], { costUsd: -60 })]);
    expect((await totalsOf(run.id)).burn_usd).toBe(before.burn_usd);
  });
});
