import { sql, type Kysely } from "kysely";

/** Runs that were learnt from before all of their receipts were there, and whose word an estimate is. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table plms.calibrations add column is_stale boolean not null default false`.execute(db);
  await sql`create index calibrations_stale on plms.calibrations (run_id) where is_stale`.execute(db);
  await sql`
    alter table plms.task_estimates
      add column estimate_source text
        check (estimate_source in ('lane_provider', 'lane', 'provider', 'factory')),
      add column learnt_tokens_log_ratio double precision not null default 0,
      add column learnt_duration_log_ratio double precision not null default 0,
      add column learnt_cost_log_ratio double precision not null default 0`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table plms.task_estimates drop column estimate_source, drop column learnt_tokens_log_ratio,
      drop column learnt_duration_log_ratio, drop column learnt_cost_log_ratio`.execute(db);
  await sql`drop index plms.calibrations_stale`.execute(db);
  await sql`alter table plms.calibrations drop column is_stale`.execute(db);
}
