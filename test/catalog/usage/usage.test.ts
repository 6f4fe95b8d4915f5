import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { admin, startOrders } from "../work-orders/support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.deleteFrom("catalog.usage_events").execute();
  await database.db.deleteFrom("catalog.usage_batches").execute();
});

const OUTBOX =
  "{ usageOutbox { pending oldestSeconds deadLetters deadLetterIds lastError lastDeliveredAt growthPerMinute fallingBehind } }";
const QUICK = { PLM_USAGE_FLUSH_MS: "20", PLM_USAGE_BACKOFF_MS: "10", PLM_USAGE_DEADLINE_MS: "300" };

describe("the usage of work orders", () => {
  test("reaches the PLM, each mutation once", async () => {
    const { plan, move, plm, as } = await startOrders(database, QUICK);
    const id = await plan();
    await move(id, "RELEASE");
    await move(id, "START");
    await waitFor(() => plm.usage().events === 3);
    expect(plm.usage()).toMatchObject({
      duplicates: 0,
      byType: { "work_order.created": 1, "work_order.released": 1, "work_order.started": 1 },
      byWorkOrder: { [id]: 3 },
    });
    await waitFor(async () => (await as(admin, OUTBOX)).data.usageOutbox.pending === 0);
    const { data } = await as(admin, OUTBOX);
    expect(data.usageOutbox).toMatchObject({
      oldestSeconds: null,
      deadLetters: 0,
      lastError: null,
      lastDeliveredAt: expect.any(String),
      fallingBehind: false,
    });
  });

  test("never holds up an order: it waits while the PLM is down, and arrives when it is back", async () => {
    const { plan, plm, as } = await startOrders(database, QUICK);
    plm.setFaults([{ path: "*", mode: "down" }]);
    await plan();
    const problem = "The PLM closed the connection (UND_ERR_SOCKET)";
    await waitFor(async () => (await as(admin, OUTBOX)).data.usageOutbox.lastError?.includes(problem));
    const { data } = await as(admin, OUTBOX);
    expect(data.usageOutbox).toMatchObject({ pending: 1, oldestSeconds: expect.any(Number), deadLetters: 0 });
    plm.setFaults([]);
    await waitFor(() => plm.usage().events === 1);
  });

  test.each([
    "malformed",
    "partial",
    "empty",
    "reset",
    "schema-drift",
    "wrong-content-type",
    "expired-token",
    "rate-limit",
    "status",
    "slow",
    "hang",
  ])("is counted once although the PLM's answers are spoiled by %s", async (mode) => {
    const { plan, plm, as } = await startOrders(database, QUICK);
    plm.setFaults([
      {
        path: "/plm/usage-metrics",
        mode: mode as "reset",
        status: 500,
        latencyMs: mode === "slow" ? 1_000 : 0,
        count: 1,
      },
    ]);
    await plan();
    await plan();
    await waitFor(async () => (await as(admin, OUTBOX)).data.usageOutbox.pending === 0);
    expect(plm.usage()).toMatchObject({ events: 2, duplicates: 0 });
  });

  test("becomes a dead letter when the attempts are used up, and can be sent again", async () => {
    const { plan, plm, as } = await startOrders(database, { ...QUICK, PLM_USAGE_MAX_ATTEMPTS: "2" });
    plm.setFaults([{ path: "/plm/usage-metrics", mode: "status", status: 500 }]);
    await plan();
    await waitFor(async () => (await as(admin, OUTBOX)).data.usageOutbox.deadLetters === 1);
    const { data } = await as(admin, OUTBOX);
    expect(data.usageOutbox).toMatchObject({ pending: 0, lastError: "The PLM answered with status 500" });
    plm.setFaults([]);
    const ids = data.usageOutbox.deadLetterIds;
    const replay = "mutation ($ids: [ID!]) { replayUsageMetrics(ids: $ids) }";
    expect((await as(admin, replay, { ids: ["unknown"] })).data.replayUsageMetrics).toBe(0);
    expect((await as(admin, replay, { ids })).data.replayUsageMetrics).toBe(1);
    expect((await as(admin, replay)).data.replayUsageMetrics).toBe(0);
    await waitFor(() => plm.usage().events === 1);
    const audit = await as(admin, "{ auditLog { edges { node { action payload } } } }");
    expect(audit.data.auditLog.edges[1].node).toEqual({
      action: "replayUsageMetrics",
      payload: { ids, revived: 1 },
    });
  });

  test("is replayed by an administrator only", async () => {
    const { as } = await startOrders(database);
    const { errors } = await as({ scopes: ["plm.view"] }, "mutation { replayUsageMetrics }");
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });

  test("stays here while the PLM is disabled, without a single call", async () => {
    const { plan, plm, as } = await startOrders(database, { ...QUICK, PLM_MODE: "disabled" });
    await plan();
    await sleep(100);
    expect(plm.requests()).toEqual({});
    expect((await as(admin, OUTBOX)).data.usageOutbox.pending).toBe(1);
  });
});
