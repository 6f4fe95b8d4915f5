import { sql, type Kysely } from "kysely";

/** Limits and pauses of runs, why they are as they are, and what it would take to repeat them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table plms.project_runs
      add column status_reason text,
      add column strata_coverage double precision check (strata_coverage between 0 and 1),
      add column budget_tokens bigint check (budget_tokens > 0),
      add column budget_duration_minutes double precision check (budget_duration_minutes > 0),
      add column caps_enforced_at timestamptz,
      add column paused_at timestamptz,
      add column paused_ms double precision not null default 0,
      add column checked_at timestamptz`.execute(db);
  await sql`
    create index project_runs_under_way on plms.project_runs (status, checked_at nulls first)
    where status in ('submitting', 'executing', 'paused', 'validating')`.execute(db);
  await sql`create index idempotency_keys_by_run on plms.idempotency_keys (run_id)`.execute(db);
  await sql`
    create table plms.run_passports (
      run_id bigint primary key references plms.project_runs on delete cascade,
      provider_matrix jsonb not null,
      capabilities jsonb not null,
      prd_sha text not null check (prd_sha ~ '^[0-9a-f]{16}$'),
      prd_source text not null check (prd_source in ('document', 'definition')),
      git_commit text not null,
      runtime_version text not null,
      os text not null,
      created_at timestamptz not null default now()
    )`.execute(db);
  // Runs from before passports: what is known of them, and a fingerprint of nothing but their project's path.
  await sql`
    insert into plms.run_passports
      (run_id, provider_matrix, capabilities, prd_sha, prd_source, git_commit, runtime_version, os, created_at)
    select run.id, run.provider_matrix, '{}', left(encode(sha256(convert_to(coalesce(project.prd_path, ''), 'utf8')), 'hex'), 16),
      'definition', 'unknown', 'unknown', 'unknown', run.created_at
    from plms.project_runs as run join plms.projects as project on project.id = run.project_id`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table plms.run_passports`.execute(db);
  await sql`drop index plms.idempotency_keys_by_run`.execute(db);
  await sql`drop index plms.project_runs_under_way`.execute(db);
  await sql`
    alter table plms.project_runs
      drop column status_reason, drop column strata_coverage, drop column budget_tokens,
      drop column budget_duration_minutes, drop column caps_enforced_at, drop column paused_at,
      drop column paused_ms, drop column checked_at`.execute(db);
}
