import { sql, type Kysely } from "kysely";

/** What the receipts of a run add up to, by lane and by moment, so that no question reads the receipts again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.run_lanes (
      run_id bigint not null references plms.project_runs on delete cascade,
      lane_id integer not null references plms.lanes,
      tasks integer not null default 0,
      usd_spent numeric(18, 6) not null default 0,
      tokens_spent bigint not null default 0,
      duration_ms_spent double precision not null default 0,
      estimated_usd numeric(18, 6) not null default 0,
      estimated_usd_squared double precision not null default 0,
      estimated_tokens bigint not null default 0,
      estimated_duration_ms double precision not null default 0,
      overrun_tasks integer not null default 0,
      ratio_count integer not null default 0,
      ratio_sum double precision not null default 0,
      ratio_squares double precision not null default 0,
      primary key (run_id, lane_id)
    )`.execute(db);
  await sql`
    create table plms.run_burn_slices (
      run_id bigint not null references plms.project_runs on delete cascade,
      slice bigint not null,
      usd double precision not null,
      usd_charged double precision not null,
      usd_squares double precision not null,
      primary key (run_id, slice)
    )`.execute(db);
  await sql`create index receipts_by_task on plms.receipts (task_id, run_id)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index plms.receipts_by_task`.execute(db);
  await sql`drop table plms.run_burn_slices, plms.run_lanes`.execute(db);
}
