import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createUsage, type Usage } from "../../../mocks/plm/usage.ts";
import { enqueueUsage, createUsageOutbox } from "../../../subgraphs/catalog/usage/adapters/outbox.ts";
import { deliverUsage, type UsageDelivery } from "../../../subgraphs/catalog/usage/operations/deliver.ts";
import type { UsageSink } from "../../../subgraphs/catalog/usage/operations/ports.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { createManualClock, type ManualClock } from "../support.ts";
import { startOrders } from "../work-orders/support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

interface Bench {
  clock: ManualClock;
  usage: Usage;
  enqueue: (count: number) => Promise<void>;
  /** A worker; its sink is the PLM's counter unless told otherwise. */
  worker: (changes?: Partial<UsageDelivery>) => UsageDelivery;
  pending: () => Promise<number>;
}

/** The outbox with one order, and workers that the test runs by hand. */
async function startBench(): Promise<Bench> {
  const { plan } = await startOrders(database, { PLM_MODE: "disabled" });
  const workOrderId = await plan();
  await database.db.deleteFrom("catalog.usage_events").execute();
  await database.db.deleteFrom("catalog.usage_batches").execute();
  const clock = createManualClock();
  const usage = createUsage();
  const outbox = createUsageOutbox(database.db);
  const counting: UsageSink = {
    deliver: async ({ key, events }) => {
      try {
        usage.record(key, { events });
        return { kind: "accepted", rejected: new Map() };
      } catch (error) {
        return { kind: "refused", reason: String(error) };
      }
    },
  };
  return {
    clock,
    usage,
    enqueue: async (count) => {
      for (let index = 0; index < count; index += 1) {
        const event = { type: "work_order.updated", workOrderId, occurredAt: clock.now(), payload: {} };
        await enqueueUsage(database.db, event);
      }
    },
    worker: (changes = {}) => ({
      outbox,
      sink: counting,
      clock,
      random: () => 0.5,
      isOn: () => true,
      rules: {
        batch: { size: 100, maxWaitMs: 5_000 },
        delivery: { maxAttempts: 5, backoffMs: 1_000, backoffMaxMs: 60_000 },
        leaseMs: 30_000,
      },
      onDelivery: () => {},
      ...changes,
    }),
    pending: async () => (await outbox.backlog(clock.now())).pending,
  };
}

describe("a batch", () => {
  test("goes out with a hundred events, or when its oldest event has waited for five seconds", async () => {
    const { enqueue, worker, usage, clock } = await startBench();
    await enqueue(120);
    await deliverUsage(worker());
    expect(usage.counts()).toMatchObject({ events: 100, batches: 1 });
    clock.advance(4_999);
    await deliverUsage(worker());
    expect(usage.counts().events).toBe(100);
    clock.advance(1);
    await deliverUsage(worker());
    expect(usage.counts()).toMatchObject({ events: 120, batches: 2 });
  });

  test("whose worker was killed goes out again with the same key and the same events, when the lease is over", async () => {
    const { enqueue, worker, usage, clock, pending } = await startBench();
    await enqueue(3);
    clock.advance(5_000);
    const keys: string[] = [];
    // Killed after the PLM had counted, before anybody could write that down.
    const killed: UsageSink = {
      deliver: ({ key, events }) => {
        keys.push(key);
        usage.record(key, { events });
        return new Promise(() => {});
      },
    };
    void deliverUsage(worker({ sink: killed }));
    await waitFor(() => keys.length === 1);
    await enqueue(2);
    clock.advance(29_999);
    await deliverUsage(worker());
    expect(await pending()).toBe(3);
    clock.advance(1);
    await deliverUsage(worker());
    expect(await pending()).toBe(0);
    expect(usage.counts()).toMatchObject({ events: 5, duplicates: 0 });
  });

  test("whose worker comes back from the dead changes nothing any more", async () => {
    const { enqueue, worker, clock, pending, usage } = await startBench();
    await enqueue(1);
    clock.advance(5_000);
    const answer = Promise.withResolvers<Awaited<ReturnType<UsageSink["deliver"]>>>();
    const slow = deliverUsage(worker({ sink: { deliver: () => answer.promise } }));
    await waitFor(
      async () =>
        (await database.db.selectFrom("catalog.usage_batches").selectAll().execute())[0]?.attempts === 1,
    );
    clock.advance(30_000);
    await deliverUsage(worker());
    answer.resolve({ kind: "failed", reason: "too late", retryAfterMs: 0 });
    await slow;
    expect(await pending()).toBe(0);
    expect(usage.counts().events).toBe(1);
  });

  test("that the PLM refuses is halved until only the event at fault is a dead letter", async () => {
    const { enqueue, worker, usage, clock, pending } = await startBench();
    await enqueue(9);
    const outbox = createUsageOutbox(database.db);
    await database.db
      .updateTable("catalog.usage_events")
      .set({ type: "" })
      .where("id", "in", (ids) =>
        ids.selectFrom("catalog.usage_events").select("id").orderBy("id").offset(4).limit(1),
      )
      .execute();
    clock.advance(5_000);
    await deliverUsage(worker());
    expect(await pending()).toBe(0);
    expect(usage.counts()).toMatchObject({ events: 8, duplicates: 0 });
    await expect(outbox.backlog(clock.now())).resolves.toMatchObject({
      deadLetters: 1,
      lastError: expect.stringContaining("events[0].type"),
    });
  });

  test("of which the PLM takes a part leaves the rest as dead letters with their reasons", async () => {
    const { enqueue, worker, clock } = await startBench();
    await enqueue(3);
    clock.advance(5_000);
    const picky: UsageSink = {
      deliver: async ({ events }) => ({
        kind: "accepted",
        rejected: new Map([[events[1]?.id ?? "", "unknown work order"]]),
      }),
    };
    await deliverUsage(worker({ sink: picky }));
    await expect(createUsageOutbox(database.db).backlog(clock.now())).resolves.toMatchObject({
      pending: 0,
      deadLetters: 1,
      lastError: "unknown work order",
    });
  });

  test("is one worker's at a time, however many there are", async () => {
    const { enqueue, worker, usage, clock, pending } = await startBench();
    await enqueue(150);
    clock.advance(5_000);
    const workers = Array.from({ length: 4 }, () =>
      worker({ rules: { ...worker().rules, batch: { size: 20, maxWaitMs: 0 } } }),
    );
    await Promise.all(workers.map(deliverUsage));
    expect(await pending()).toBe(0);
    expect(usage.counts()).toMatchObject({ events: 150, duplicates: 0 });
  });
});

describe("whatever happens to deliveries", () => {
  test("every event is counted exactly once in the end", async () => {
    const { enqueue, worker, usage, clock, pending } = await startBench();
    const fate = fc.constantFrom("ok", "lost-before", "lost-after", "killed-before", "killed-after");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 12 }),
        fc.integer({ min: 1, max: 7 }),
        async (fates, count) => {
          const before = usage.counts().events;
          await enqueue(count);
          const sink: UsageSink = {
            deliver: async ({ key, events }) => {
              const happens = fates.shift() ?? "ok";
              if (!happens.endsWith("before")) usage.record(key, { events });
              if (happens.startsWith("killed")) throw new Error("killed");
              return happens === "ok"
                ? { kind: "accepted", rejected: new Map() }
                : { kind: "failed", reason: happens, retryAfterMs: 0 };
            },
          };
          const rules = { ...worker().rules, batch: { size: 3, maxWaitMs: 0 } };
          const patient = { ...rules, delivery: { ...rules.delivery, maxAttempts: 1000 } };
          for (let round = 0; round < 60 && (await pending()) > 0; round += 1) {
            await deliverUsage(worker({ sink, rules: patient })).catch(() => undefined);
            clock.advance(60_000);
          }
          expect(await pending()).toBe(0);
          expect(usage.counts().events - before).toBe(count);
          expect(usage.counts().duplicates).toBe(0);
        },
      ),
      { numRuns: 15 },
    );
  });
});
