import { sql, type Kysely } from "kysely";

/** Rows that every message of receipts changes find room for their next version on their own page. */
const ROOM_ON_THE_PAGE = sql`with (fillfactor = 50)`;

/** Runs, what it takes to repeat one, what was charged to it, and the sums of that by lane, task and moment. */
export async function createRuns(db: Kysely<unknown>): Promise<void> {
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
      usd_spent numeric not null default 0,
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
      sample_seed integer check (sample_seed >= 0),
      status_reason text,
      strata_coverage double precision check (strata_coverage between 0 and 1),
      budget_tokens bigint check (budget_tokens > 0),
      budget_duration_minutes double precision check (budget_duration_minutes > 0),
      caps_enforced_at timestamptz,
      paused_at timestamptz,
      paused_ms double precision not null default 0,
      checked_at timestamptz,
      validation_pass_override boolean,
      override_reason text,
      overridden_by text,
      overridden_at timestamptz,
      is_observed boolean not null default false,
      check (not (kind = 'baseline' and write_sandbox)),
      check (validation_pass_override is null
        or (override_reason is not null and overridden_by is not null and overridden_at is not null))
    ) ${ROOM_ON_THE_PAGE}`.execute(db);
  await sql`create index project_runs_by_project on plms.project_runs (project_id, id desc)`.execute(db);
  await sql`
    create index project_runs_under_way on plms.project_runs (status, checked_at nulls first)
    where status in ('submitting', 'executing', 'paused', 'validating')`.execute(db);
  await createPassports(db);
  await createReceipts(db);
  await createSums(db);
}

/** What it would take to repeat a run. */
async function createPassports(db: Kysely<unknown>): Promise<void> {
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
}

/** What `plms.take_charges` checks itself no foreign key checks again for every receipt. */
async function createReceipts(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.receipts (
      id bigint generated always as identity,
      run_id bigint not null,
      receipt_id text not null,
      task_id bigint not null,
      lane_id integer not null,
      provider text not null,
      tokens bigint not null check (tokens >= 0),
      duration_ms double precision not null check (duration_ms >= 0),
      cost_usd numeric not null,
      echo_cos double precision check (echo_cos between -1 and 1),
      status text not null check (status in ('succeeded', 'failed', 'skipped')),
      occurred_at timestamptz not null,
      received_at timestamptz not null default now(),
      model text,
      input_tokens bigint check (input_tokens >= 0),
      output_tokens bigint check (output_tokens >= 0),
      cache_read_tokens bigint check (cache_read_tokens >= 0),
      cache_write_tokens bigint check (cache_write_tokens >= 0),
      reasoning_tokens bigint check (reasoning_tokens >= 0),
      priced_usd numeric,
      price_version text,
      unpriced_reason text check (unpriced_reason in ('no_model', 'unknown_model', 'no_price_then')),
      primary key (run_id, id),
      unique (run_id, receipt_id)
    )`.execute(db);
  // Receipts that came again with other figures, beside those that count.
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

/** What the receipts of a run add up to, so that no question reads the receipts again. */
async function createSums(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.run_lanes (
      run_id bigint not null references plms.project_runs on delete cascade,
      lane_id integer not null references plms.lanes,
      tasks integer not null default 0,
      usd_spent numeric not null default 0,
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
      echo_count integer not null default 0,
      echo_sum double precision not null default 0,
      echo_least double precision,
      ratio_cubes double precision not null default 0,
      order_sum double precision not null default 0,
      order_squares double precision not null default 0,
      order_ratios double precision not null default 0,
      receipts bigint not null default 0,
      priced_receipts bigint not null default 0,
      unpriced_receipts bigint not null default 0,
      priced_usd numeric not null default 0,
      priced_charged_usd numeric not null default 0,
      primary key (run_id, lane_id)
    ) ${ROOM_ON_THE_PAGE}`.execute(db);
  await sql`
    create table plms.run_tasks (
      run_id bigint not null,
      task_id bigint not null,
      usd_spent numeric not null,
      has_succeeded boolean not null,
      has_failed boolean not null,
      primary key (run_id, task_id)
    ) ${ROOM_ON_THE_PAGE}`.execute(db);
  await sql`create index run_tasks_by_task on plms.run_tasks (task_id)`.execute(db);
  await sql`
    create table plms.run_burn_slices (
      run_id bigint not null references plms.project_runs on delete cascade,
      slice bigint not null,
      usd double precision not null,
      usd_charged double precision not null,
      usd_squares double precision not null,
      primary key (run_id, slice)
    ) ${ROOM_ON_THE_PAGE}`.execute(db);
}
