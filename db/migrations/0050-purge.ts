import { sql, type Kysely } from "kysely";

/** What the purge looks for: usage events that were delivered, and keys that have expired. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index usage_events_delivered on catalog.usage_events (settled_at) where status = 'delivered'`.execute(
    db,
  );
  await sql`create index usage_batches_closed on catalog.usage_batches (created_at) where status = 'closed'`.execute(
    db,
  );
  await sql`create index idempotency_keys_by_expiry on catalog.idempotency_keys (expires_at)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index catalog.usage_events_delivered, catalog.usage_batches_closed, catalog.idempotency_keys_by_expiry`.execute(
    db,
  );
}
