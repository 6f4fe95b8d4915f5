import { sql, type Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { UsageBacklog } from "../operations/ports.ts";

const IDS_MAX = 100;

/** What waits, what was given up, and how the latest deliveries went. */
export async function readBacklog(db: Kysely<CatalogDatabase>, now: Date): Promise<UsageBacklog> {
  const [counts, dead, lastError] = await Promise.all([
    readCounts(db),
    readDeadLetters(db),
    readLastError(db),
  ]);
  const { oldest_at: oldest, last_delivered_at: lastDeliveredAt } = counts;
  return {
    pending: counts.pending,
    oldestSeconds: oldest && Math.max(0, (now.getTime() - oldest.getTime()) / 1000),
    deadLetters: counts.dead,
    deadLetterIds: dead.map(({ event_id }) => event_id),
    lastError,
    lastDeliveredAt,
  };
}

interface Counts {
  pending: number;
  oldest_at: Date | null;
  dead: number;
  last_delivered_at: Date | null;
}

async function readCounts(db: Kysely<CatalogDatabase>): Promise<Counts> {
  const { rows } = await sql<Counts>`
    select
      (select count(*)::int from catalog.usage_events where status = 'pending') as pending,
      (select occurred_at from catalog.usage_events where status = 'pending' order by id limit 1) as oldest_at,
      (select count(*)::int from catalog.usage_events where status = 'dead') as dead,
      (select settled_at from catalog.usage_events where status = 'delivered'
        order by batch_id desc limit 1) as last_delivered_at`.execute(db);
  const [counts] = rows;
  if (!counts) throw new Error("the counts of the outbox came without a row");
  return counts;
}

const readDeadLetters = (db: Kysely<CatalogDatabase>) =>
  db
    .selectFrom("catalog.usage_events")
    .select("event_id")
    .where("status", "=", "dead")
    .orderBy("id")
    .limit(IDS_MAX)
    .execute();

/** Of a batch that waits for its next delivery, or else of a dead letter. */
async function readLastError(db: Kysely<CatalogDatabase>): Promise<string | null> {
  const batch = await db
    .selectFrom("catalog.usage_batches")
    .select("last_error")
    .where("status", "=", "pending")
    .where("last_error", "is not", null)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  if (batch) return batch.last_error;
  const dead = await db
    .selectFrom("catalog.usage_events")
    .select("last_error")
    .where("status", "=", "dead")
    .orderBy("settled_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return dead?.last_error ?? null;
}
