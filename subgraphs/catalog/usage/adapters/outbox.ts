import type { UsageBacklog, BatchRules, UsageBatch, UsageEvent } from "../operations/ports.ts";
import { randomUUID } from "node:crypto";
import { sql, type Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { readBacklog } from "./backlog.ts";

/** Usage events in PostgreSQL, shared by every process. */
export const createUsageOutbox = (db: Kysely<CatalogDatabase>) => ({
  isEmpty: async () => {
    const pending = sql`status = 'pending'`;
    const { rows } = await sql<{ is_empty: boolean }>`
      select not exists (select from catalog.usage_events where ${pending} and batch_id is null)
         and not exists (select from catalog.usage_batches where ${pending}) as is_empty`.execute(db);
    return rows[0]?.is_empty ?? true;
  },
  /** Forms every batch that is due; answers how many. */
  form: (rules: BatchRules, now: Date): Promise<number> => formBatches(db, rules, now),
  /** A batch that is due, kept from other replicas until `leaseUntil`; undefined when there is none. */
  claim: (now: Date, leaseUntil: Date): Promise<UsageBatch | undefined> =>
    claimBatch(db, { now, leaseUntil }),
  /** The PLM has the batch, except for the rejected events, which are dead letters with their reason. */
  settle: (batch: UsageBatch, rejected: ReadonlyMap<string, string>, now: Date): Promise<void> =>
    db.transaction().execute(async (tx) => {
      if (!(await closeBatch(tx, batch))) return;
      for (const [id, reason] of rejected) {
        await eventsOf(tx, batch)
          .set({ status: "dead", last_error: reason, settled_at: now })
          .where("event_id", "=", id)
          .execute();
      }
      await eventsOf(tx, batch)
        .set({ status: "delivered", last_error: null, settled_at: now })
        .where("status", "=", "pending")
        .execute();
    }),
  /** The batch is tried again at `at`, unless another replica took it over since. */
  postpone: async (batch: UsageBatch, reason: string, at: Date): Promise<void> => {
    await db
      .updateTable("catalog.usage_batches")
      .set({ next_attempt_at: at, last_error: reason })
      .where(isHeld(batch))
      .execute();
  },
  /** The parts become batches of their own, under new keys. */
  split: (batch: UsageBatch, parts: readonly (readonly UsageEvent[])[], now: Date): Promise<void> =>
    db.transaction().execute(async (tx) => {
      if (!(await closeBatch(tx, batch))) return;
      for (const part of parts) {
        const ids = part.map(({ id }) => id);
        await insertBatch(tx, { now, events: (events) => events.where("event_id", "in", ids) });
      }
    }),
  /** Makes dead letters wait for a new batch; all of them without ids. Answers how many. */
  revive: async (ids: readonly string[] | undefined): Promise<number> => {
    const dead = db
      .updateTable("catalog.usage_events")
      .set({ status: "pending", batch_id: null, settled_at: null })
      .where("status", "=", "dead");
    const chosen = ids === undefined ? dead : dead.where("event_id", "in", [...ids, ""]);
    return Number((await chosen.executeTakeFirst()).numUpdatedRows);
  },
  backlog: (now: Date): Promise<UsageBacklog> => readBacklog(db, now),
});

export interface NewUsageEvent {
  type: string;
  workOrderId: string;
  occurredAt: Date;
  payload: Readonly<Record<string, unknown>>;
}

/** Adds an event, in the transaction of what it tells about. */
export async function enqueueUsage(tx: Kysely<CatalogDatabase>, event: NewUsageEvent): Promise<void> {
  await tx
    .insertInto("catalog.usage_events")
    .values({
      event_id: randomUUID(),
      type: event.type,
      work_order_id: event.workOrderId,
      payload: JSON.stringify(event.payload),
      occurred_at: event.occurredAt,
    })
    .execute();
}

async function formBatches(db: Kysely<CatalogDatabase>, rules: BatchRules, now: Date): Promise<number> {
  let formed = 0;
  while (await db.transaction().execute((tx) => formBatch(tx, rules, now))) formed += 1;
  return formed;
}

/** Events that another process looks at just now are its own. */
async function formBatch(tx: Kysely<CatalogDatabase>, rules: BatchRules, now: Date): Promise<boolean> {
  const waiting = await tx
    .selectFrom("catalog.usage_events")
    .select(["event_id", "occurred_at"])
    .where("status", "=", "pending")
    .where("batch_id", "is", null)
    .orderBy("id")
    .limit(rules.size)
    .forUpdate()
    .skipLocked()
    .execute();
  const dueAtMs = now.getTime() - rules.maxWaitMs;
  const isDue = waiting.some(({ occurred_at }) => occurred_at.getTime() <= dueAtMs);
  if (waiting.length === 0 || (waiting.length < rules.size && !isDue)) return false;
  const ids = waiting.map(({ event_id }) => event_id);
  await insertBatch(tx, { now, events: (events) => events.where("event_id", "in", ids) });
  return true;
}

type EventsUpdate = ReturnType<typeof updateEvents>;
const updateEvents = (tx: Kysely<CatalogDatabase>) => tx.updateTable("catalog.usage_events");

async function insertBatch(
  tx: Kysely<CatalogDatabase>,
  { now, events }: { now: Date; events: (update: EventsUpdate) => EventsUpdate },
): Promise<void> {
  const { id } = await tx
    .insertInto("catalog.usage_batches")
    .values({ key: randomUUID(), next_attempt_at: now, created_at: now, last_error: null })
    .returning("id")
    .executeTakeFirstOrThrow();
  await events(updateEvents(tx)).set({ batch_id: id }).execute();
}

async function claimBatch(
  db: Kysely<CatalogDatabase>,
  { now, leaseUntil }: { now: Date; leaseUntil: Date },
): Promise<UsageBatch | undefined> {
  const due = db
    .selectFrom("catalog.usage_batches")
    .select("id")
    .where("status", "=", "pending")
    .where("next_attempt_at", "<=", now)
    .orderBy("next_attempt_at")
    .limit(1)
    .forUpdate()
    .skipLocked();
  const batch = await db
    .updateTable("catalog.usage_batches")
    .set({ attempts: sql`attempts + 1`, next_attempt_at: leaseUntil })
    .where("id", "=", due)
    .returning(["id", "key", "attempts"])
    .executeTakeFirst();
  if (!batch) return undefined;
  const rows = await db
    .selectFrom("catalog.usage_events")
    .select(["event_id", "type", "work_order_id", "occurred_at", "payload"])
    .where("batch_id", "=", batch.id)
    .orderBy("id")
    .execute();
  const events = rows.map((row): UsageEvent => ({
    ...row.payload,
    id: row.event_id,
    type: row.type,
    workOrderId: row.work_order_id,
    occurredAt: row.occurred_at.toISOString(),
  }));
  return { ...batch, events };
}

/** False when another replica took the batch over since: then that one says what becomes of it. */
async function closeBatch(tx: Kysely<CatalogDatabase>, batch: UsageBatch): Promise<boolean> {
  const closed = await tx
    .updateTable("catalog.usage_batches")
    .set({ status: "closed" })
    .where(isHeld(batch))
    .executeTakeFirst();
  return closed.numUpdatedRows === 1n;
}

const isHeld = ({ id, attempts }: UsageBatch) =>
  sql<boolean>`id = ${id} and attempts = ${attempts} and status = 'pending'`;

const eventsOf = (tx: Kysely<CatalogDatabase>, batch: UsageBatch) =>
  updateEvents(tx).where("batch_id", "=", batch.id);
