import { randomUUID } from "node:crypto";
import type { TestDatabase } from "../support/database.ts";

type HasDatabase = Pick<TestDatabase, "db">;

export interface ProjectSpec {
  tenant?: string;
  name?: string;
  usdMax?: number | null;
  /** Complexities of the tasks, each estimated at 1000 tokens, one minute and 0.10 USD. */
  tasks?: readonly ("trivial" | "simple" | "moderate" | "complex" | "very_complex")[];
  modelIds?: readonly string[];
}

/** A project with its tasks, and the ids of both. */
export async function insertProject(
  { db }: HasDatabase,
  {
    tenant = "default",
    name = "A project",
    usdMax = 10,
    tasks = ["simple", "simple"],
    modelIds = [],
  }: ProjectSpec = {},
): Promise<{ id: string; taskIds: string[] }> {
  await db
    .insertInto("plms.lanes")
    .values({ id: 4200, name: "Code-API" })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { id } = await db
    .insertInto("plms.projects")
    .values({ tenant, name, budget_usd_max: usdMax, status: "approved", created_by: "test" })
    .returning("id")
    .executeTakeFirstOrThrow();
  for (const [position, model_id] of modelIds.entries()) {
    await db
      .insertInto("plms.project_products")
      .values({ project_id: id, position, model_id, trim_id: null })
      .execute();
  }
  if (tasks.length === 0) return { id, taskIds: [] };
  const rows = await db
    .insertInto("plms.task_estimates")
    .values(
      tasks.map((complexity, order_index) => ({
        project_id: id,
        order_index,
        name: `Task ${order_index}`,
        lane_id: 4200,
        complexity,
        estimated_tokens: 1000,
        estimated_duration_ms: 60_000,
        estimated_cost_usd: 0.1,
      })),
    )
    .returning("id")
    .execute();
  return { id, taskIds: rows.map((row) => row.id) };
}

export interface RunSpec {
  kind?: "baseline" | "rehearsal";
  status?: "completed" | "executing" | "cancelled";
  /** Default ten minutes ago. */
  startedAt?: Date;
}

export interface InsertedRun {
  id: string;
  executorRunId: string;
  projectId: string;
  taskIds: string[];
}

/** A project with a run that the executor knows, as if it had been started. */
export async function insertRun(
  database: HasDatabase,
  { kind = "baseline", status = "executing", startedAt = new Date(Date.now() - 600_000) }: RunSpec = {},
  spec: ProjectSpec = {},
): Promise<InsertedRun> {
  const project = await insertProject(database, spec);
  const executorRunId = `run-${randomUUID()}`;
  const { id } = await database.db
    .insertInto("plms.project_runs")
    .values({
      project_id: project.id,
      executor_run_id: executorRunId,
      kind,
      status,
      provider_matrix: '{"gpt-4":"0613"}',
      tasks_total: project.taskIds.length,
      created_by: "test",
      started_at: startedAt,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return { id, executorRunId, projectId: project.id, taskIds: project.taskIds };
}

/** Two receipts of 0.05 USD for the first task of a run. */
export async function insertReceipts({ db }: HasDatabase, run: InsertedRun): Promise<void> {
  const receipts = ["r1", "r2"].map((receipt_id) => ({
    run_id: run.id,
    receipt_id,
    task_id: run.taskIds[0] ?? "0",
    lane_id: 4200,
    provider: "gpt-4",
    tokens: 900,
    duration_ms: 1,
    cost_usd: 0.05,
    echo_cos: 0.9,
    status: "succeeded" as const,
    occurred_at: new Date("2026-03-01T08:00:00Z"),
  }));
  await db.insertInto("plms.receipts").values(receipts).execute();
  await db
    .updateTable("plms.project_runs")
    .set({ receipts_count: 2, usd_spent: 0.1 })
    .where("id", "=", run.id)
    .execute();
}

/** A firing alert of the default tenant. */
export async function insertAlert({ db }: HasDatabase, projectId: string): Promise<void> {
  await db
    .insertInto("plms.alerts")
    .values({
      tenant: "default",
      project_id: projectId,
      kind: "runway_t15",
      cause: "budget",
      period: "1",
      severity: "warning",
      state: "firing",
      message: "A secret of the default tenant",
      value: 1,
      threshold: 15,
      raised_at: new Date(),
    })
    .execute();
}
