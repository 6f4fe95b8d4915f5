import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { notify } from "../../../db/notify.ts";
import { createPlmAlerts } from "../../../subgraphs/catalog/plm/adapters/alerts.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { admin, startOrders, type OrderTest } from "../work-orders/support.ts";

let database: TestDatabase;
let orders: OrderTest;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());
beforeEach(async () => {
  orders = await startOrders(database);
});

const ACKNOWLEDGE = `mutation ($id: ID!, $note: String) { acknowledgePlmAlert(id: $id, note: $note) {
  id kind state severity message acknowledgedAt acknowledgedBy } }`;
const acknowledge = (id: string, note?: string) => orders.as(admin, ACKNOWLEDGE, { id, note });

/** As another replica does it. */
async function raise(kind = "CIRCUIT_OPEN"): Promise<string> {
  const alert = await createPlmAlerts(database.db).raise({
    kind,
    severity: "CRITICAL",
    message: "The circuit before the PLM has been open for 6 minutes",
    subject: "plm",
    raisedAt: new Date(),
    value: 6,
    threshold: 5,
  });
  await notify(database.db, "catalog_plm", `alert:${alert!.id}`);
  return alert!.id;
}

describe("an alert about the PLM", () => {
  test("is streamed to everybody who watches, whichever replica raised it, and when it is acknowledged", async () => {
    const events = orders.watch("subscription { plmAlert { id kind state message } }");
    let isTold = false;
    const first = events.next().finally(() => (isTold = true));
    const id = await raise();
    // Watching begins in the background; a hint before that would be missed.
    await waitFor(async () => {
      await notify(database.db, "catalog_plm", `alert:${id}`);
      return isTold;
    });
    const { value } = await first;
    expect(value.data.plmAlert).toMatchObject({ id, kind: "CIRCUIT_OPEN", state: "FIRING" });
    await acknowledge(id);
    let state = "FIRING";
    while (state === "FIRING") state = (await events.next()).value.data.plmAlert.state;
    expect(state).toBe("ACKNOWLEDGED");
    await events.return?.();
  });

  test("stays open when somebody looks after it, is listed as such, and ends when it is over", async () => {
    const id = await raise();
    const { data, errors } = await acknowledge(id, "on the phone with the partner");
    expect(errors).toBeUndefined();
    expect(data.acknowledgePlmAlert).toMatchObject({
      id,
      state: "ACKNOWLEDGED",
      severity: "CRITICAL",
      acknowledgedAt: expect.any(String),
      acknowledgedBy: admin.subject,
    });
    const listed = await orders.ask(
      "{ plmAlerts(state: ACKNOWLEDGED) { id } plmHealth { alerts { state } } }",
    );
    expect(listed.data).toEqual({ plmAlerts: [{ id }], plmHealth: { alerts: [{ state: "ACKNOWLEDGED" }] } });
    expect(await createPlmAlerts(database.db).resolve("CIRCUIT_OPEN", new Date())).toMatchObject({ id });
    const entries = await orders.as(
      admin,
      "{ auditLog(first: 1) { edges { node { action entityId payload } } } }",
    );
    expect(entries.data.auditLog.edges[0].node).toEqual({
      action: "acknowledgePlmAlert",
      entityId: id,
      payload: { id, note: "on the phone with the partner" },
    });
  });

  test("is not acknowledged when it is over, when there is none, or by who may not", async () => {
    const id = await raise();
    await createPlmAlerts(database.db).resolve("CIRCUIT_OPEN", new Date());
    expect((await acknowledge(id)).errors).toMatchObject([{ extensions: { code: "CONFLICT" } }]);
    expect((await acknowledge("no-such-alert")).errors).toMatchObject([
      { extensions: { code: "NOT_FOUND" } },
    ]);
    expect((await acknowledge(id, "x".repeat(501))).errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT" } },
    ]);
    expect((await orders.ask(ACKNOWLEDGE, { id })).errors).toMatchObject([
      { extensions: { code: "FORBIDDEN" } },
    ]);
  });
});

describe("the health of the PLM", () => {
  test("tells of the usage events that wait", async () => {
    orders.plm.setFaults([{ path: "/plm/usage-metrics", mode: "down" }]);
    await orders.plan();
    const { data, errors } = await orders.ask(
      "{ plmHealth { outbox { pending oldestSeconds deadLetters growthPerMinute fallingBehind } } }",
    );
    expect(errors).toBeUndefined();
    expect(data.plmHealth.outbox).toEqual({
      pending: 1,
      oldestSeconds: expect.any(Number),
      deadLetters: 0,
      growthPerMinute: null,
      fallingBehind: false,
    });
  });
});
