import { sql, type Kysely } from "kysely";

/** What all replicas saw of the PLM: counters by minute, differences to the MRP, alerts, complaints, webhooks. */
export async function up(db: Kysely<unknown>): Promise<void> {
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
      resolved_at timestamptz
    )`.execute(db);
  await sql`
    create unique index plm_alerts_one_at_a_time on catalog.plm_alerts (kind) where state <> 'resolved'`.execute(
    db,
  );
  await reports(db);
}

async function reports(db: Kysely<unknown>): Promise<void> {
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

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop table catalog.plm_webhooks, catalog.plm_issues, catalog.plm_alerts, catalog.shadow_diffs,
      catalog.plm_counters`.execute(db);
}
