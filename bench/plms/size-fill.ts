import { sql, type Kysely } from "kysely";
import type { Database } from "../../db/tables.ts";
import { SLICE_MS } from "../../subgraphs/plms/domain/burn-window.ts";

const RECEIPTS_PER_RUN = 500;
export const TASKS = 50;
/** Messages of a day that nobody asks about any more, for each run. */
const OLD_MESSAGES = 50;

/** Runs with their tasks and receipts, as if they had come message by message; ids count from 1, run by run. */
export async function fill(db: Kysely<Database>, runs: number): Promise<void> {
  await sql`insert into plms.lanes (id, name) values (4200, 'Code') on conflict do nothing`.execute(db);
  await sql`
    insert into plms.projects (tenant, name, budget_usd_max, status, created_by)
    select 'bench', 'project ' || n, 1000000, 'executing', 'bench' from generate_series(1, ${runs}::int) as n`.execute(
    db,
  );
  await sql`
    insert into plms.task_estimates (project_id, order_index, name, lane_id, complexity, estimated_tokens,
      estimated_duration_ms, estimated_cost_usd, status)
    select project.id, n, 'task ' || n, 4200, 'simple', 1000, 60000, 0.1, 'completed'
    from plms.projects as project, generate_series(1, ${TASKS}::int) as n
    order by project.id, n`.execute(db);
  const usd = RECEIPTS_PER_RUN * 0.01;
  await sql`
    insert into plms.project_runs (project_id, executor_run_id, kind, status, provider_matrix, tasks_total, created_by,
      started_at, receipts_count, usd_spent, tokens_spent, tasks_completed, estimated_usd_done, burn_usd, burn_at)
    select id, 'size-' || id, 'baseline', 'executing', '{"gpt-4":"0613"}', ${TASKS}, 'bench', now() - interval '2 hours',
      ${RECEIPTS_PER_RUN}, ${usd}, ${RECEIPTS_PER_RUN * 900}, ${TASKS}, ${TASKS * 0.1}, ${usd},
      date_trunc('hour', now()) - interval '1 hour'
    from plms.projects order by id`.execute(db);
  await sql`
    insert into plms.receipts (run_id, receipt_id, task_id, lane_id, provider, tokens, duration_ms, cost_usd, status, occurred_at)
    select run.id, 'old-' || n, (run.id - 1) * ${TASKS} + 1 + n % ${TASKS}, 4200, 'gpt-4', 900, 1000, 0.01, 'succeeded', run.burn_at
    from plms.project_runs as run cross join generate_series(1, ${RECEIPTS_PER_RUN}::int) as n`.execute(db);
  await sql`
    insert into plms.run_tasks (run_id, task_id, usd_spent, has_succeeded, has_failed)
    select run_id, task_id, sum(cost_usd), true, false from plms.receipts group by run_id, task_id`.execute(
    db,
  );
  await sql`
    insert into plms.run_lanes (run_id, lane_id, tasks, usd_spent, tokens_spent, duration_ms_spent, receipts)
    select id, 4200, ${TASKS}, ${usd}, tokens_spent, ${RECEIPTS_PER_RUN * 1000}, receipts_count from plms.project_runs`.execute(
    db,
  );
  await sql`
    insert into plms.run_burn_slices (run_id, slice, usd, usd_charged, usd_squares)
    select id, floor(date_part('epoch', burn_at) * 1000 / ${SLICE_MS}), ${usd}, ${usd}, ${RECEIPTS_PER_RUN * 0.0001}
    from plms.project_runs`.execute(db);
  await sql`
    insert into plms.webhook_inbox (webhook_id, kind, received_at)
    select 'old-' || n, 'receipts', now() - interval '8 days' + n * interval '1 day' / (${runs * OLD_MESSAGES}::int)
    from generate_series(1, ${runs * OLD_MESSAGES}::int) as n`.execute(db);
  await sql`vacuum analyze`.execute(db);
  await sql`checkpoint`.execute(db);
}
