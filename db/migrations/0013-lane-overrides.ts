import { sql, type Kysely } from "kysely";

/** Corrections of the lane that a task was put in, which is what a classifier can learn from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.lane_overrides (
      id bigint generated always as identity primary key,
      task_id bigint not null references plms.task_estimates on delete cascade,
      predicted_lane_id integer not null references plms.lanes,
      corrected_lane_id integer not null references plms.lanes,
      reason text,
      corrected_by text not null,
      corrected_at timestamptz not null,
      check (predicted_lane_id <> corrected_lane_id)
    )`.execute(db);
  await sql`create index lane_overrides_by_task on plms.lane_overrides (task_id, id)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table plms.lane_overrides`.execute(db);
}
