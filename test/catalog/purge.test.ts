import { afterAll, beforeAll, expect, test } from "vitest";
import { purge } from "../../subgraphs/catalog/purge.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { startOrders } from "./work-orders/support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const NOW = new Date();
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const RULES = { usageDays: 30, webhookDays: 7 };

async function addEvents(workOrderId: string): Promise<void> {
  const { db } = database;
  const batch = async (created_at: Date) =>
    db
      .insertInto("catalog.usage_batches")
      .values({
        key: crypto.randomUUID(),
        status: "closed",
        next_attempt_at: NOW,
        created_at,
        last_error: null,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
  const [old, kept] = [await batch(daysAgo(31)), await batch(daysAgo(31))];
  const event = (
    event_id: string,
    more: { status: "delivered" | "dead"; settled_at: Date; batch_id: string },
  ) => ({
    event_id,
    type: "work_order.updated",
    work_order_id: workOrderId,
    payload: "{}",
    occurred_at: daysAgo(40),
    last_error: null,
    ...more,
  });
  await db
    .insertInto("catalog.usage_events")
    .values([
      event("old", { status: "delivered", settled_at: daysAgo(31), batch_id: old.id }),
      event("recent", { status: "delivered", settled_at: daysAgo(29), batch_id: kept.id }),
      event("dead", { status: "dead", settled_at: daysAgo(31), batch_id: kept.id }),
    ])
    .execute();
}

test("removes what nobody needs any more, and nothing else", async () => {
  const { db } = database;
  const { plan } = await startOrders(database, { PLM_MODE: "disabled" });
  await addEvents(await plan());
  await db
    .insertInto("catalog.plm_webhooks")
    .values([
      { webhook_id: "old", received_at: daysAgo(8) },
      { webhook_id: "recent", received_at: daysAgo(6) },
    ])
    .execute();
  const before = await purge(db, RULES, NOW);
  expect(before).toEqual({ usageEvents: 1, usageBatches: 1, idempotencyKeys: 0, webhookIds: 1 });
  const left = await db.selectFrom("catalog.usage_events").select("event_id").orderBy("id").execute();
  expect(left.map(({ event_id }) => event_id)).toEqual([expect.any(String), "recent", "dead"]);
  const later = new Date(NOW.getTime() + 2 * 86_400_000);
  expect(await purge(db, RULES, later)).toMatchObject({ usageEvents: 1, idempotencyKeys: 1, webhookIds: 1 });
  expect(await purge(db, RULES, later)).toEqual({
    usageEvents: 0,
    usageBatches: 0,
    idempotencyKeys: 0,
    webhookIds: 0,
  });
});
