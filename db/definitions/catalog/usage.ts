import { sql, type Kysely } from "kysely";

/**
 * Usage events on their way to the PLM. A batch never changes once it was formed, so that every delivery of it
 * carries the same events under the same key.
 */
export async function createUsage(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.usage_batches (
      id bigint generated always as identity primary key,
      key text not null unique,
      status text not null default 'pending' check (status in ('pending', 'closed')),
      attempts integer not null default 0,
      next_attempt_at timestamptz not null,
      last_error text,
      created_at timestamptz not null
    )`.execute(db);
  await sql`create index usage_batches_due on catalog.usage_batches (next_attempt_at) where status = 'pending'`.execute(
    db,
  );
  await sql`
    create table catalog.usage_events (
      id bigint generated always as identity primary key,
      event_id text not null unique,
      type text not null,
      work_order_id bigint not null references catalog.work_orders,
      payload jsonb not null,
      occurred_at timestamptz not null,
      status text not null default 'pending' check (status in ('pending', 'delivered', 'dead')),
      batch_id bigint references catalog.usage_batches,
      settled_at timestamptz,
      last_error text
    )`.execute(db);
  await sql`create index usage_events_pending on catalog.usage_events (id) where status = 'pending'`.execute(
    db,
  );
  await sql`create index usage_events_dead on catalog.usage_events (id) where status = 'dead'`.execute(db);
  await sql`create index usage_events_by_batch on catalog.usage_events (batch_id)`.execute(db);
  // What the purge looks for.
  await sql`
    create index usage_events_delivered on catalog.usage_events (settled_at) where status = 'delivered'`.execute(
    db,
  );
  await sql`create index usage_batches_closed on catalog.usage_batches (created_at) where status = 'closed'`.execute(
    db,
  );
}
