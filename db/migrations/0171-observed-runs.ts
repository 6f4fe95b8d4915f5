import { sql, type Kysely } from "kysely";

/** Runs that no executor does, and usage that was told of them and became no receipt. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table plms.project_runs add column is_observed boolean not null default false`.execute(db);
  await sql`
    create table plms.usage_refusals (
      id bigint generated always as identity primary key,
      tenant text not null,
      source text not null check (source in ('otlp', 'litellm')),
      event_id text not null,
      reason text not null check (reason in (
        'no_project', 'unknown_run', 'not_observed', 'no_task', 'unknown_task', 'no_cost', 'invalid')),
      detail text not null,
      told_at timestamptz not null,
      unique (tenant, source, event_id)
    )`.execute(db);
  await sql`create index usage_refusals_by_age on plms.usage_refusals (told_at)`.execute(db);
  await sql`create index usage_refusals_by_tenant on plms.usage_refusals (tenant, id desc)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table plms.usage_refusals`.execute(db);
  await sql`alter table plms.project_runs drop column is_observed`.execute(db);
}
