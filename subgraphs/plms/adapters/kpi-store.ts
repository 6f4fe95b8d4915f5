import { sql, type Kysely, type Selectable } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { KpiCheck, KpiGate, KpiResult } from "../domain/kpi.ts";
import type { Run } from "../domain/run.ts";
import type { KpiReceipt } from "../operations/kpi-ports.ts";
import { moveRun } from "./run-control-store.ts";
import { runsOf } from "./run-store.ts";
import { toRun } from "./rows.ts";

/** Gates, formulas and results of KPIs. */
export function createKpiStore(db: Kysely<PlmsDatabase>) {
  return {
    /** What a run has to meet: the gates of its lanes, and the formulas of its tasks. */
    checksOf: (run: Run): Promise<KpiCheck[]> => checksOf(db, run),
    gatesByLane: async (): Promise<ReadonlyMap<number, readonly KpiGate[]>> => {
      const rows = await db
        .selectFrom("plms.lane_gates")
        .selectAll()
        .orderBy("lane_id")
        .orderBy("kpi_name")
        .execute();
      const gates = new Map<number, KpiGate[]>();
      for (const { lane_id, kpi_name: kpi, operator, threshold } of rows) {
        gates.set(lane_id, [...(gates.get(lane_id) ?? []), { kpi, operator, threshold }]);
      }
      return gates;
    },
    /** The newest result of each check, by run. */
    byRuns: (runIds: readonly string[]): Promise<ReadonlyMap<string, readonly KpiReceipt[]>> =>
      byRuns(db, runIds),
    /**
     * Stores results and ends the validation with them, in one transaction: completed when all passed, needs review
     * otherwise. Undefined, and nothing stored, when the run is not waiting for it any more.
     */
    settle: (
      run: Run,
      results: readonly KpiResult[],
      end: { reason: string | null; at: Date },
    ): Promise<Run | undefined> => db.transaction().execute((tx) => settle(tx, run, { results, ...end })),
    /** Runs of every tenant that wait for their validation. */
    waiting: async (limit: number): Promise<Run[]> => {
      const runs = runsOf(db).where("run.status", "=", "validating").orderBy("run.id").limit(limit);
      return (await runs.execute()).map(toRun);
    },
  };
}

/** A rehearsal answers for the lanes that it touched, any other run for all of the project's. */
async function checksOf(db: Kysely<PlmsDatabase>, run: Run): Promise<KpiCheck[]> {
  const { rows } = await sql<{
    lane_id: number;
    task_id: string | null;
    kpi: string;
    operator: string;
    threshold: unknown;
  }>`
    with task as (
      select id, lane_id, case when jsonb_typeof(kpi_formula) = 'object' then kpi_formula else '{}' end as kpi_formula
      from plms.task_estimates
      where project_id = ${run.projectId} and (${run.kind} <> 'rehearsal'
        or exists (select from plms.run_tasks where run_id = ${run.id} and task_id = task_estimates.id))
    )
    select gate.lane_id, null as task_id, gate.kpi_name as kpi, gate.operator, gate.threshold
    from plms.lane_gates as gate where gate.lane_id in (select lane_id from task)
    union all
    select task.lane_id, task.id::text, formula.key, gate.key, gate.value
    from task, jsonb_each(task.kpi_formula) as formula, jsonb_each(case when jsonb_typeof(formula.value) = 'object' then formula.value else '{}' end) as gate
    order by lane_id, task_id nulls first, kpi`.execute(db);
  return rows.map(({ lane_id: laneId, task_id: taskId, ...gate }) => ({ ...gate, laneId, taskId }));
}

async function byRuns(db: Kysely<PlmsDatabase>, runIds: readonly string[]) {
  const { rows } = await sql<Selectable<PlmsDatabase["plms.kpi_receipts"]>>`
    select distinct on (run_id, lane_id, task_id, kpi_name, operator) *
    from plms.kpi_receipts where run_id = any(${runIds}::bigint[])
    order by run_id, lane_id, task_id nulls first, kpi_name, operator, id desc`.execute(db);
  const byRun = new Map<string, KpiReceipt[]>();
  for (const row of rows) byRun.set(row.run_id, [...(byRun.get(row.run_id) ?? []), toReceipt(row)]);
  return byRun;
}

async function settle(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  { results, reason, at }: { results: readonly KpiResult[]; reason: string | null; at: Date },
): Promise<Run | undefined> {
  const pass = results.every((result) => result.pass || result.isAdvisory);
  const current = await runsOf(tx).where("run.id", "=", run.id).forUpdate("run").executeTakeFirstOrThrow();
  if (current.status !== "validating" && current.status !== "needs_review") return undefined;
  await tx.updateTable("plms.project_runs").set({ validation_pass: pass }).where("id", "=", run.id).execute();
  if (results.length > 0) {
    const rows = results.map((result) => toRow(run.id, result, at));
    await tx.insertInto("plms.kpi_receipts").values(rows).execute();
  }
  const to = pass ? "completed" : "needs_review";
  if (current.status === to) return toRun({ ...current, validation_pass: pass });
  return moveRun(tx, run.id, { from: [current.status], to, reason, at });
}

const toRow = (runId: string, result: KpiResult, at: Date) => ({
  run_id: runId,
  lane_id: result.laneId,
  task_id: result.taskId,
  kpi_name: result.kpi,
  operator: result.operator,
  threshold: JSON.stringify(result.threshold),
  value: JSON.stringify(result.value),
  pass: result.pass,
  detail: result.detail,
  is_advisory: result.isAdvisory,
  measured_at: at,
});

const toReceipt = (row: Selectable<PlmsDatabase["plms.kpi_receipts"]>): KpiReceipt => ({
  id: row.id,
  runId: row.run_id,
  laneId: row.lane_id,
  taskId: row.task_id,
  kpi: row.kpi_name,
  operator: row.operator,
  threshold: row.threshold,
  value: row.value,
  pass: row.pass,
  detail: row.detail,
  isAdvisory: row.is_advisory,
  measuredAt: row.measured_at,
});
