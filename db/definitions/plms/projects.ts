import { sql, type Kysely } from "kysely";

/** Lanes, projects with the rules that their owners set, and their tasks. */
export async function createProjects(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.lanes (
      id integer primary key,
      name text not null unique,
      max_concurrent integer not null default 3 check (max_concurrent > 0),
      providers jsonb not null default '{}',
      is_from_file boolean not null default false
    )`.execute(db);
  await sql`
    create table plms.projects (
      id bigint generated always as identity primary key,
      tenant text not null,
      name text not null,
      prd_path text,
      status text not null default 'pending' check (status in (
        'pending', 'ideation', 'clarifying', 'planning', 'estimating', 'pending_approval', 'approved',
        'executing', 'paused', 'validating', 'needs_review', 'completed', 'cancelled')),
      budget_usd_max numeric(18, 6) check (budget_usd_max >= 0),
      budget_tokens_max bigint check (budget_tokens_max >= 0),
      breach_policy text not null default 'pause' check (breach_policy in ('pause', 'ask', 'kill')),
      created_by text not null,
      created_at timestamptz not null default now(),
      echo_mode text not null default 'advisory' check (echo_mode in ('off', 'advisory', 'required')),
      min_echo_cos double precision not null default 0.82 check (min_echo_cos between -1 and 1),
      warning_at double precision not null default 0.35,
      critical_at double precision not null default 0.76,
      constraint projects_alarms_check check (warning_at between 0.2 and 0.9 and critical_at between 0.3 and 0.99
        and warning_at < critical_at)
    )`.execute(db);
  await sql`create index projects_by_tenant on plms.projects (tenant, id)`.execute(db);
  await sql`
    create table plms.project_products (
      project_id bigint not null references plms.projects on delete cascade,
      position integer not null,
      model_id text not null,
      trim_id text,
      primary key (project_id, position)
    )`.execute(db);
  await sql`create index project_products_by_model on plms.project_products (model_id, project_id)`.execute(
    db,
  );
  await createTasks(db);
}

async function createTasks(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.task_estimates (
      id bigint generated always as identity primary key,
      project_id bigint not null references plms.projects on delete cascade,
      order_index integer not null,
      name text not null,
      description text,
      lane_id integer not null references plms.lanes,
      complexity text not null check (complexity in ('trivial', 'simple', 'moderate', 'complex', 'very_complex')),
      status text not null default 'pending' check (status in ('pending', 'in_progress', 'completed', 'failed', 'blocked')),
      estimated_tokens integer not null check (estimated_tokens >= 0),
      estimated_duration_ms double precision not null check (estimated_duration_ms >= 0),
      estimated_cost_usd numeric(18, 6) not null check (estimated_cost_usd >= 0),
      kpi_formula jsonb,
      estimate_source text check (estimate_source in ('lane_provider', 'lane', 'provider', 'factory')),
      learnt_tokens_log_ratio double precision not null default 0,
      learnt_duration_log_ratio double precision not null default 0,
      learnt_cost_log_ratio double precision not null default 0,
      unique (project_id, order_index)
    )`.execute(db);
  // Corrections of the lane that a task was put in, which a classifier can learn from; one that is taken back stays.
  await sql`
    create table plms.lane_overrides (
      id bigint generated always as identity primary key,
      task_id bigint not null references plms.task_estimates on delete cascade,
      predicted_lane_id integer not null references plms.lanes,
      corrected_lane_id integer not null references plms.lanes,
      reason text,
      corrected_by text not null,
      corrected_at timestamptz not null,
      removed_by text,
      removed_at timestamptz,
      check (predicted_lane_id <> corrected_lane_id),
      check ((removed_by is null) = (removed_at is null))
    )`.execute(db);
  await sql`create index lane_overrides_by_task on plms.lane_overrides (task_id, id)`.execute(db);
}
