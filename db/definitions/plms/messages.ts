import { sql, type Kysely } from "kysely";

/** What came from outside and must count once: keys of callers, messages of the executor, usage of observed runs. */
export async function createMessages(db: Kysely<unknown>): Promise<void> {
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
  await sql`create index idempotency_keys_by_run on plms.idempotency_keys (run_id)`.execute(db);
  await sql`
    create table plms.webhook_inbox (
      webhook_id text primary key,
      kind text not null,
      received_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index webhook_inbox_by_age on plms.webhook_inbox (received_at)`.execute(db);
  // Usage that was told of runs which no executor does, and became no receipt.
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
