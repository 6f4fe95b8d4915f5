import { sql, type Kysely } from "kysely";

/** Projects, their tasks and runs, what the executor charged, and who asked for what with which key. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema plms`.execute(db);
  await sql`
    create table plms.lanes (
      id integer primary key,
      name text not null unique,
      max_concurrent integer not null default 3 check (max_concurrent > 0)
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
      created_at timestamptz not null default now()
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
      unique (project_id, order_index)
    )`.execute(db);
  await runs(db);
  await idempotency(db);
}

async function runs(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.project_runs (
      id bigint generated always as identity primary key,
      project_id bigint not null references plms.projects on delete cascade,
      executor_run_id text unique,
      kind text not null check (kind in ('baseline', 'rehearsal', 'replay', 'hotfix')),
      status text not null check (status in (
        'submitting', 'executing', 'paused', 'validating', 'completed', 'needs_review', 'failed', 'cancelled')),
      rehearsal_pct double precision check (rehearsal_pct > 0 and rehearsal_pct <= 1),
      write_sandbox boolean not null default false,
      validation_pass boolean,
      provider_matrix jsonb not null,
      tasks_total integer not null check (tasks_total >= 0),
      tasks_completed integer not null default 0,
      tasks_failed integer not null default 0,
      usd_spent numeric(18, 6) not null default 0,
      tokens_spent bigint not null default 0,
      estimated_usd_done numeric(18, 6) not null default 0,
      burn_usd double precision not null default 0,
      burn_at timestamptz,
      receipts_count bigint not null default 0,
      version bigint not null default 1,
      created_by text not null,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      completed_at timestamptz,
      check (not (kind = 'baseline' and write_sandbox))
    )`.execute(db);
  await sql`create index project_runs_by_project on plms.project_runs (project_id, id desc)`.execute(db);
  await sql`
    create table plms.receipts (
      id bigint generated always as identity primary key,
      run_id bigint not null references plms.project_runs on delete cascade,
      receipt_id text not null,
      task_id bigint not null references plms.task_estimates on delete cascade,
      lane_id integer not null references plms.lanes,
      provider text not null,
      tokens bigint not null check (tokens >= 0),
      duration_ms double precision not null check (duration_ms >= 0),
      cost_usd numeric(18, 6) not null,
      echo_cos double precision check (echo_cos between -1 and 1),
      status text not null check (status in ('succeeded', 'failed', 'skipped')),
      occurred_at timestamptz not null,
      received_at timestamptz not null default now(),
      unique (run_id, receipt_id)
    )`.execute(db);
  await sql`create index receipts_by_run on plms.receipts (run_id, id desc)`.execute(db);
}

async function idempotency(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.idempotency_keys (
      tenant text not null,
      principal text not null,
      operation text not null,
      key text not null,
      fingerprint text not null,
      run_id bigint references plms.project_runs on delete cascade,
      locked_until timestamptz not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      primary key (tenant, principal, operation, key)
    )`.execute(db);
  await sql`create index idempotency_keys_by_expiry on plms.idempotency_keys (expires_at)`.execute(db);
  await sql`
    create table plms.webhook_inbox (
      webhook_id text primary key,
      kind text not null,
      received_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index webhook_inbox_by_age on plms.webhook_inbox (received_at)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop schema plms cascade`.execute(db);
}
