import { sql, type Kysely } from "kysely";

/** How much the catalogue relies on the PLM, how the PLM is, and what all replicas saw of it. */
export async function createPlm(db: Kysely<unknown>): Promise<void> {
  await createModes(db);
  await createCircuits(db);
  await createObservations(db);
  await createComparisons(db);
  await createReports(db);
}

async function createModes(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.plm_config (
      id integer primary key default 1 check (id = 1),
      mode text not null check (mode in ('disabled', 'shadow', 'enabled')),
      models jsonb not null,
      environment text not null,
      cause text not null check (cause in ('environment', 'person', 'rollback', 'automatic')),
      reason text not null,
      changed_by text not null,
      changed_at timestamptz not null,
      version bigint not null
    )`.execute(db);
  await sql`
    create table catalog.plm_mode_changes (
      version bigint primary key,
      from_mode text check (from_mode in ('disabled', 'shadow', 'enabled')),
      to_mode text not null check (to_mode in ('disabled', 'shadow', 'enabled')),
      models jsonb not null,
      cause text not null check (cause in ('environment', 'person', 'rollback', 'automatic')),
      reason text not null,
      changed_by text not null,
      changed_at timestamptz not null,
      correlation_id text
    )`.execute(db);
}

/** The circuit that replicas share, and its history. */
async function createCircuits(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.circuit_states (
      circuit text primary key,
      state text not null check (state in ('closed', 'open', 'half_open', 'isolated')),
      cause text,
      openings integer not null,
      opened_at timestamptz,
      probe_at timestamptz,
      version bigint not null,
      changed_at timestamptz not null
    )`.execute(db);
  await sql`
    create table catalog.circuit_transitions (
      id bigint generated always as identity primary key,
      circuit text not null,
      from_state text not null check (from_state in ('closed', 'open', 'half_open', 'isolated')),
      to_state text not null check (to_state in ('closed', 'open', 'half_open', 'isolated')),
      cause text,
      at timestamptz not null
    )`.execute(db);
  await sql`create index circuit_transitions_by_circuit on catalog.circuit_transitions (circuit, id desc)`.execute(
    db,
  );
}

async function createObservations(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.plm_counters (
      minute timestamptz not null,
      metric text not null,
      label text not null,
      count bigint not null,
      primary key (metric, minute, label)
    )`.execute(db);
  await sql`create index plm_counters_by_age on catalog.plm_counters (minute)`.execute(db);
  await sql`
    create table catalog.plm_alerts (
      id bigint generated always as identity primary key,
      kind text not null,
      severity text not null check (severity in ('info', 'warning', 'critical')),
      state text not null check (state in ('firing', 'resolved', 'acknowledged')),
      message text not null,
      subject text,
      value double precision,
      threshold double precision,
      raised_at timestamptz not null,
      resolved_at timestamptz,
      acknowledged_at timestamptz,
      acknowledged_by text
    )`.execute(db);
  await sql`
    create unique index plm_alerts_one_at_a_time on catalog.plm_alerts (kind) where state <> 'resolved'`.execute(
    db,
  );
  await sql`
    create table catalog.plm_leftovers (
      subject text not null,
      kind text not null check (kind in ('rejected', 'unknown_field')),
      place text not null,
      reason text not null,
      count bigint not null,
      seen_at timestamptz not null,
      primary key (subject, kind, place)
    )`.execute(db);
}

/** Differences between PLM and MRP. */
async function createComparisons(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.shadow_diffs (
      id bigint generated always as identity primary key,
      fingerprint text not null unique,
      model_code text not null,
      path text not null,
      kind text not null check (kind in ('value', 'missing_in_plm', 'missing_in_mrp')),
      severity text not null check (severity in ('critical', 'major', 'minor')),
      mrp_value text,
      plm_value text,
      occurrences bigint not null,
      first_seen_at timestamptz not null,
      last_seen_at timestamptz not null,
      correlation_id text,
      classification text check (classification in ('expected', 'plm_wrong', 'mrp_wrong', 'mapping_wrong')),
      note text,
      acknowledged_by text,
      acknowledged_at timestamptz
    )`.execute(db);
  await sql`create index shadow_diffs_by_severity on catalog.shadow_diffs (severity, id desc)`.execute(db);
  await sql`
    create table catalog.model_comparisons (
      model_code text primary key,
      compared_at timestamptz,
      failed_at timestamptz,
      failure text
    )`.execute(db);
}

/** What people complained about, and which webhooks came. */
async function createReports(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.plm_issues (
      id bigint generated always as identity primary key,
      work_order_id text,
      message text not null,
      reported_by text not null,
      correlation_id text not null,
      reported_at timestamptz not null
    )`.execute(db);
  await sql`
    create table catalog.plm_webhooks (
      webhook_id text primary key,
      received_at timestamptz not null
    )`.execute(db);
  await sql`create index plm_webhooks_by_age on catalog.plm_webhooks (received_at)`.execute(db);
}
