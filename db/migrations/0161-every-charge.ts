import { sql, type Kysely } from "kysely";

/**
 * What was charged keeps every digit that the executor told: sums are rounded when they are shown, never the
 * receipts. And receipts that came again with other figures are kept beside those that count.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Taking the limit of digits away changes no stored row, so that no table is written anew.
  await sql`alter table plms.receipts alter column cost_usd type numeric`.execute(db);
  await sql`alter table plms.project_runs alter column usd_spent type numeric`.execute(db);
  await sql`alter table plms.run_lanes alter column usd_spent type numeric`.execute(db);
  await sql`alter table plms.run_tasks alter column usd_spent type numeric`.execute(db);
  await sql`
    create table plms.receipt_conflicts (
      id bigint generated always as identity primary key,
      run_id bigint not null references plms.project_runs on delete cascade,
      receipt_id text not null,
      kept_task_id bigint not null,
      kept_tokens bigint not null,
      kept_usd numeric not null,
      told_task_id bigint not null,
      told_tokens bigint not null,
      told_usd numeric not null,
      times integer not null default 1,
      first_told_at timestamptz not null default now(),
      last_told_at timestamptz not null default now(),
      unique (run_id, receipt_id, told_task_id, told_tokens, told_usd)
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table plms.receipt_conflicts`.execute(db);
  await sql`alter table plms.run_tasks alter column usd_spent type numeric(18, 6)`.execute(db);
  await sql`alter table plms.run_lanes alter column usd_spent type numeric(18, 6)`.execute(db);
  await sql`alter table plms.project_runs alter column usd_spent type numeric(18, 6)`.execute(db);
  await sql`alter table plms.receipts alter column cost_usd type numeric(18, 6)`.execute(db);
}
