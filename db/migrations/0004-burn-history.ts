import { sql, type Kysely } from "kysely";

/**
 * What a chart of a run's spending is marked with: its pauses and the changes of the budget, which until now were
 * overwritten. Those from before are not known; a pause that lasts is taken along.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.run_pauses (
      run_id bigint not null references plms.project_runs on delete cascade,
      began_at timestamptz not null,
      ended_at timestamptz,
      reason text,
      primary key (run_id, began_at)
    )`.execute(db);
  await sql`
    insert into plms.run_pauses (run_id, began_at, reason)
    select id, paused_at, status_reason from plms.project_runs where status = 'paused' and paused_at is not null`.execute(
    db,
  );
  await sql`
    create table plms.budget_changes (
      id bigint generated always as identity primary key,
      project_id bigint not null references plms.projects on delete cascade,
      changed_at timestamptz not null,
      usd_before numeric,
      usd_after numeric
    )`.execute(db);
  await sql`create index budget_changes_by_project on plms.budget_changes (project_id, changed_at)`.execute(
    db,
  );
  await sql`create index alerts_by_project on plms.alerts (project_id, id desc)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index plms.alerts_by_project`.execute(db);
  await sql`drop table plms.budget_changes, plms.run_pauses`.execute(db);
}
