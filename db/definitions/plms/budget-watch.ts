import { sql, type Kysely } from "kysely";

/** What the last look at a budget found, and the alerts that came of it: one at a time for each cause. */
export async function createBudgetWatch(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.project_runways (
      project_id bigint primary key references plms.projects on delete cascade,
      status text not null check (status in ('ok', 'warning', 'critical', 'unknown')),
      clean_evaluations integer not null default 0,
      evaluated_at timestamptz not null
    )`.execute(db);
  await sql`
    create table plms.alerts (
      id bigint generated always as identity primary key,
      tenant text not null,
      project_id bigint not null references plms.projects on delete cascade,
      kind text not null check (kind in (
        'runway_t15', 'runway_t5', 'overrun_20', 'overrun_likely', 'budget_exhausted', 'tokens_exhausted')),
      period text not null,
      severity text not null check (severity in ('info', 'warning', 'critical')),
      state text not null check (state in ('firing', 'resolved', 'acknowledged')),
      message text not null,
      value double precision not null,
      threshold double precision not null,
      raised_at timestamptz not null,
      resolved_at timestamptz,
      cause text not null check (cause in ('budget', 'tokens'))
    )`.execute(db);
  await sql`create index alerts_by_tenant on plms.alerts (tenant, state, id desc)`.execute(db);
  await sql`create unique index alerts_standing on plms.alerts (project_id, cause) where state <> 'resolved'`.execute(
    db,
  );
}
