import { afterAll, beforeAll, expect, test } from "vitest";
import { createPlmAlerts } from "../../../subgraphs/catalog/plm/adapters/alerts.ts";
import { createUsageOutbox, enqueueUsage } from "../../../subgraphs/catalog/usage/adapters/outbox.ts";
import { watchBacklog, type UsageAlertPorts } from "../../../subgraphs/catalog/usage/operations/alert.ts";
import { createUsageMonitor } from "../../../subgraphs/catalog/usage/operations/status.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createManualClock } from "../support.ts";
import { startOrders } from "../work-orders/support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

test("tells that the backlog grows, once, and that it is gone", async () => {
  const { plan } = await startOrders(database, { PLM_MODE: "disabled" });
  const workOrderId = await plan();
  const { db } = database;
  const clock = createManualClock(new Date().toISOString());
  const told: string[] = [];
  const ports: UsageAlertPorts = {
    monitor: createUsageMonitor(createUsageOutbox(db), clock),
    alerts: createPlmAlerts(db),
    clock,
    isOn: () => true,
    onAlert: ({ kind, state, value }) =>
      told.push(`${kind} ${state} ${value === null ? "" : Math.round(value)}`),
  };
  for (let minute = 0; minute < 8; minute += 1) {
    await enqueueUsage(db, { type: "x", workOrderId, occurredAt: clock.now(), payload: {} });
    await watchBacklog(ports);
    clock.advance(20_000);
  }
  expect(told).toEqual([expect.stringMatching(/^USAGE_BACKLOG FIRING \d+$/)]);
  await db
    .updateTable("catalog.usage_events")
    .set({ status: "delivered", settled_at: clock.now() })
    .execute();
  await watchBacklog(ports);
  expect(told[1]).toMatch(/^USAGE_BACKLOG RESOLVED/);
  expect(told).toHaveLength(2);
});
