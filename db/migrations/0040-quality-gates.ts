import { sql, type Kysely } from "kysely";

/** How similar results have to be to their requests, and what people decided about quality. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table plms.projects
      add column echo_mode text not null default 'advisory' check (echo_mode in ('off', 'advisory', 'required')),
      add column min_echo_cos double precision not null default 0.82 check (min_echo_cos between -1 and 1)`.execute(
    db,
  );
  await sql`
    create table plms.project_echo_gates (
      project_id bigint not null references plms.projects on delete cascade,
      lane_id integer not null references plms.lanes,
      min_cos double precision not null check (min_cos between -1 and 1),
      primary key (project_id, lane_id)
    )`.execute(db);
  await sql`
    alter table plms.run_lanes
      add column echo_count integer not null default 0,
      add column echo_sum double precision not null default 0,
      add column echo_least double precision`.execute(db);
  await sql`
    update plms.run_lanes as lane set echo_count = seen.n, echo_sum = seen.total, echo_least = seen.least
    from (
      select run_id, task.lane_id, count(echo_cos)::int as n, sum(echo_cos) as total, min(echo_cos) as least
      from plms.receipts join plms.task_estimates as task on task.id = receipts.task_id
      where echo_cos is not null group by run_id, task.lane_id
    ) as seen where seen.run_id = lane.run_id and seen.lane_id = lane.lane_id`.execute(db);
  await sql`alter table plms.kpi_receipts add column is_advisory boolean not null default false`.execute(db);
  await sql`
    alter table plms.project_runs
      add column validation_pass_override boolean,
      add column override_reason text,
      add column overridden_by text,
      add column overridden_at timestamptz,
      add check (validation_pass_override is null
        or (override_reason is not null and overridden_by is not null and overridden_at is not null))`.execute(
    db,
  );
  await sql`
    create table plms.project_approvals (
      id bigint generated always as identity primary key,
      project_id bigint not null references plms.projects on delete cascade,
      run_id bigint references plms.project_runs on delete cascade,
      gate text not null check (gate in ('prd_review', 'budget_approval', 'quality_override', 'replan_request')),
      status text not null check (status in ('approved', 'rejected', 'pending')),
      approver text not null,
      reason text not null,
      correlation_id text not null,
      approved_at timestamptz not null
    )`.execute(db);
  await sql`create index project_approvals_by_project on plms.project_approvals (project_id, id)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table plms.project_approvals`.execute(db);
  await sql`
    alter table plms.project_runs drop column validation_pass_override, drop column override_reason,
      drop column overridden_by, drop column overridden_at`.execute(db);
  await sql`alter table plms.kpi_receipts drop column is_advisory`.execute(db);
  await sql`
    alter table plms.run_lanes drop column echo_count, drop column echo_sum, drop column echo_least`.execute(
    db,
  );
  await sql`drop table plms.project_echo_gates`.execute(db);
  await sql`alter table plms.projects drop column echo_mode, drop column min_echo_cos`.execute(db);
}
