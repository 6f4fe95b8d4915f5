import { sql } from "kysely";
import type { Site } from "./site.ts";

export interface LongRun {
  projectId: string;
  runId: string;
  startedAt: Date;
}

const RECEIPTS = 10_000;
const RECEIPT_USD = 0.002;

/** What the receipts of a long run come to, in US dollars. */
export const LONG_RUN_USD = RECEIPTS * RECEIPT_USD;

/**
 * A project of eight hours with a run of ten thousand receipts, made by SQL: the budget was raised after two hours, it was
 * paused for half an hour after three, and there was an alert.
 */
export async function insertLongRun({ topology }: Pick<Site, "topology">): Promise<LongRun> {
  const { db } = topology.database;
  const startedAt = new Date(Date.now() - 8 * 3_600_000);
  const after = (hours: number) => new Date(startedAt.getTime() + hours * 3_600_000);
  const project = await db
    .insertInto("plms.projects")
    .values({
      tenant: "default",
      name: "A long one",
      budget_usd_max: 30,
      status: "executing",
      created_by: "test",
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const lane = await db.selectFrom("plms.lanes").select("id").limit(1).executeTakeFirstOrThrow();
  await sql`
    insert into plms.task_estimates (project_id, order_index, name, lane_id, complexity, status,
      estimated_tokens, estimated_duration_ms, estimated_cost_usd)
    select ${project.id}, n, 'Task ' || n, ${lane.id}, 'simple', 'pending', 1000, 1000, 0.002
    from generate_series(0, 11999) as n`.execute(db);
  const run = await db
    .insertInto("plms.project_runs")
    .values({
      project_id: project.id,
      executor_run_id: `long-${project.id}`,
      kind: "baseline",
      status: "executing",
      provider_matrix: "{}",
      tasks_total: 12_000,
      created_by: "test",
      started_at: startedAt,
      is_observed: true,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  await insertReceipts(topology, { ...run, projectId: project.id, laneId: lane.id, startedAt });
  await sql`
    insert into plms.budget_changes (project_id, changed_at, usd_before, usd_after)
    values (${project.id}, ${after(2)}, 20, 30)`.execute(db);
  await sql`
    insert into plms.run_pauses (run_id, began_at, ended_at, reason)
    values (${run.id}, ${after(3)}, ${after(3.5)}, 'Lunch')`.execute(db);
  await sql`
    insert into plms.alerts (tenant, project_id, kind, cause, period, severity, state, message, value, threshold, raised_at, resolved_at)
    values ('default', ${project.id}, 'overrun_likely', 'budget', '1', 'warning', 'resolved',
      '=An overrun is likely', 0.5, 0.35, ${after(1)}, ${after(2)})`.execute(db);
  return { projectId: project.id, runId: run.id, startedAt };
}

async function insertReceipts(
  { database: { db } }: Site["topology"],
  run: { id: string; projectId: string; laneId: number; startedAt: Date },
): Promise<void> {
  await sql`
    insert into plms.receipts (run_id, receipt_id, task_id, lane_id, provider, tokens, duration_ms, cost_usd, status, occurred_at)
    select ${run.id}, 'long-' || row_number() over (order by id), id, ${run.laneId}, 'gpt-4', 100, 10, ${RECEIPT_USD}::numeric,
      'succeeded', ${run.startedAt}::timestamptz + (order_index + 1) * 8 * 3600.0 / ${RECEIPTS}::float8 * interval '1 second'
    from plms.task_estimates where project_id = ${run.projectId} and order_index < ${RECEIPTS}`.execute(db);
  await sql`
    update plms.task_estimates set status = 'completed'
    where project_id = ${run.projectId} and order_index < ${RECEIPTS}`.execute(db);
  await sql`
    update plms.project_runs set receipts_count = ${RECEIPTS}, usd_spent = ${LONG_RUN_USD}, tasks_completed = ${RECEIPTS},
      estimated_usd_done = ${LONG_RUN_USD}, burn_usd = 0.9, burn_at = now()
    where id = ${run.id}`.execute(db);
  await sql`
    insert into plms.run_lanes (run_id, lane_id, tasks, usd_spent, tokens_spent, estimated_usd, estimated_usd_squared,
      ratio_count, ratio_sum, ratio_squares, order_sum, order_squares)
    values (${run.id}, ${run.laneId}, ${RECEIPTS}, ${LONG_RUN_USD}, 1000000, ${LONG_RUN_USD}, 0.04, ${RECEIPTS}, 0, 900, 1, 1)`.execute(
    db,
  );
}
