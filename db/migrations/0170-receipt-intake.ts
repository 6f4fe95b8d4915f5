import { sql, type Kysely } from "kysely";
import { takeReceipts } from "../functions/take-receipts.ts";

/**
 * Receipts that tell which tokens were used, what that costs by the price table, and one statement that takes a whole
 * message in. What it checks itself no foreign key checks again for every receipt, and indexes that only those
 * needed are gone.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table plms.receipts
      drop constraint receipts_run_id_fkey, drop constraint receipts_task_id_fkey, drop constraint receipts_lane_id_fkey,
      drop constraint receipts_pkey, add primary key (run_id, id),
      add column model text,
      add column input_tokens bigint check (input_tokens >= 0),
      add column output_tokens bigint check (output_tokens >= 0),
      add column cache_read_tokens bigint check (cache_read_tokens >= 0),
      add column cache_write_tokens bigint check (cache_write_tokens >= 0),
      add column reasoning_tokens bigint check (reasoning_tokens >= 0),
      add column priced_usd numeric,
      add column price_version text,
      add column unpriced_reason text check (unpriced_reason in ('no_model', 'unknown_model', 'no_price_then'))`.execute(
    db,
  );
  await sql`drop index plms.receipts_by_run, plms.receipts_by_task`.execute(db);
  await sql`
    alter table plms.run_tasks drop constraint run_tasks_run_id_fkey, drop constraint run_tasks_task_id_fkey`.execute(
    db,
  );
  await sql`
    alter table plms.run_lanes
      add column receipts bigint not null default 0,
      add column priced_receipts bigint not null default 0,
      add column unpriced_receipts bigint not null default 0,
      add column priced_usd numeric not null default 0,
      add column priced_charged_usd numeric not null default 0`.execute(db);
  await sql`
    update plms.run_lanes as known set receipts = seen.receipts
    from (
      select receipts.run_id, task.lane_id, count(*) as receipts
      from plms.receipts join plms.task_estimates as task on task.id = receipts.task_id
      group by receipts.run_id, task.lane_id
    ) as seen where known.run_id = seen.run_id and known.lane_id = seen.lane_id`.execute(db);
  // Rows that every message changes find room for their next version on their own page.
  for (const table of CHANGED_BY_MESSAGES)
    await sql`alter table ${sql.table(table)} set (fillfactor = 50)`.execute(db);
  await takeReceipts.execute(db);
}

const CHANGED_BY_MESSAGES = ["plms.project_runs", "plms.run_lanes", "plms.run_tasks", "plms.run_burn_slices"];

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop function plms.take_receipts`.execute(db);
  for (const table of CHANGED_BY_MESSAGES)
    await sql`alter table ${sql.table(table)} reset (fillfactor)`.execute(db);
  await sql`
    alter table plms.run_lanes drop column receipts, drop column priced_receipts, drop column unpriced_receipts,
      drop column priced_usd, drop column priced_charged_usd`.execute(db);
  await sql`
    alter table plms.run_tasks
      add constraint run_tasks_run_id_fkey foreign key (run_id) references plms.project_runs on delete cascade,
      add constraint run_tasks_task_id_fkey foreign key (task_id) references plms.task_estimates on delete cascade`.execute(
    db,
  );
  await sql`create index receipts_by_task on plms.receipts (task_id, run_id)`.execute(db);
  await sql`create index receipts_by_run on plms.receipts (run_id, id desc)`.execute(db);
  await sql`
    alter table plms.receipts
      drop column model, drop column input_tokens, drop column output_tokens, drop column cache_read_tokens,
      drop column cache_write_tokens, drop column reasoning_tokens, drop column priced_usd, drop column price_version,
      drop column unpriced_reason, drop constraint receipts_pkey, add primary key (id),
      add constraint receipts_run_id_fkey foreign key (run_id) references plms.project_runs on delete cascade,
      add constraint receipts_task_id_fkey foreign key (task_id) references plms.task_estimates on delete cascade,
      add constraint receipts_lane_id_fkey foreign key (lane_id) references plms.lanes`.execute(db);
}
