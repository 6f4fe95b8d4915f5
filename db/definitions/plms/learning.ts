import { sql, type Kysely } from "kysely";

/**
 * What finished runs taught: the decision about each run, what each lane and provider saw of it, and the
 * estimates that followed, which are only ever added to. A null lane or provider stands for "any".
 */
export async function createLearning(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.calibrations (
      run_id bigint primary key references plms.project_runs on delete cascade,
      outcome text not null check (outcome in ('included', 'excluded')),
      reason text,
      receipts_through bigint not null,
      outliers integer not null default 0,
      calibrated_at timestamptz not null,
      is_stale boolean not null default false
    )`.execute(db);
  await sql`create index calibrations_stale on plms.calibrations (run_id) where is_stale`.execute(db);
  await sql`
    create table plms.calibration_observations (
      run_id bigint not null references plms.calibrations on delete cascade,
      tenant text not null,
      lane_id integer references plms.lanes,
      provider text,
      tasks integer not null,
      observation jsonb not null,
      completed_at timestamptz not null,
      unique nulls not distinct (run_id, lane_id, provider)
    )`.execute(db);
  await sql`
    create index calibration_observations_by_key
    on plms.calibration_observations (tenant, lane_id, provider, completed_at, run_id)`.execute(db);
  await sql`
    create table plms.estimate_versions (
      id bigint generated always as identity primary key,
      tenant text not null,
      lane_id integer references plms.lanes,
      provider text,
      source_run_id bigint not null references plms.project_runs on delete cascade,
      project_id bigint not null references plms.projects on delete cascade,
      n_observations integer not null,
      tokens_mean double precision not null,
      tokens_stddev double precision not null,
      duration_ms_mean double precision not null,
      duration_ms_stddev double precision not null,
      cost_usd_mean double precision not null,
      cost_usd_stddev double precision not null,
      mean_absolute_error_tokens double precision not null,
      mean_absolute_error_duration_ms double precision not null,
      state jsonb not null,
      priors_hash text not null,
      last_completed_at timestamptz not null,
      created_at timestamptz not null
    )`.execute(db);
  // No index finds null by equality with a parameter that may be null: under these expressions null is a value.
  await sql`
    create index estimate_versions_by_key
    on plms.estimate_versions (tenant, coalesce(lane_id, -1), coalesce(provider, ''), id desc)`.execute(db);
  await sql`create index estimate_versions_by_run on plms.estimate_versions (source_run_id)`.execute(db);
}
