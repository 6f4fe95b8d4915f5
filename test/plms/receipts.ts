import { afterAll, beforeAll } from "vitest";
import type { Charge } from "../../subgraphs/plms/domain/run.ts";
import { recordReceipts } from "../../subgraphs/plms/operations/record-receipts.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { insertRun } from "./fixtures.ts";
import { createTestPorts, type TestPorts } from "./support.ts";

/** A database of the file's own, with runs on it and receipts for them. */
export function useReceipts() {
  let database: TestDatabase;
  let ports: TestPorts;

  beforeAll(async () => {
    database = await createTestDatabase();
    ports = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
  });
  afterAll(() => Promise.all([database.close(), ports.executor.close()]));

  let ids = 0;
  const newId = () => `id-${(ids += 1)}`;

  /** A run on a project with so many tasks of 0.10 USD, started now or so many days ago. */
  const executingRun = ({
    kind = "baseline",
    tasks = 3,
    startedDaysAgo = 0,
  }: { kind?: "baseline" | "rehearsal"; tasks?: number; startedDaysAgo?: number } = {}) =>
    insertRun(
      database,
      { kind, startedAt: new Date(ports.clock.now().getTime() - startedDaysAgo * 86_400_000) },
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

  return {
    /** The database, once the tests run. */
    get database() {
      return database;
    },
    get ports() {
      return ports;
    },
    newId,
    executingRun,
    charge,
    record,
    totalsOf,
  };
}
