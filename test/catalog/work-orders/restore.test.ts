import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, operatorOf, startOrders, supervisor, type OrderTest } from "./support.ts";

let database: TestDatabase;
let orders: OrderTest;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
beforeEach(async () => {
  orders = await startOrders(database);
});
afterAll(() => database.close());

const RESTORE = `mutation ($id: ID!, $versionNumber: Int!, $reason: String!) {
  restoreWorkOrder(id: $id, versionNumber: $versionNumber, reason: $reason) {
    __typename
    ... on WorkOrderSuccess { workOrder { id status versionNumber qty hullId plannedStartAt actions
      options { code } currentStage { index }
      versions(first: 1) { edges { node { number reason snapshot } } } } }
    ... on UserError { code message }
    ... on InvalidInput { field } } }`;

const restore = async (id: string, versionNumber: number, who = supervisor, reason = "typing error") =>
  (await orders.as(who, RESTORE, { id, versionNumber, reason })).data.restoreWorkOrder;

describe("restoring a work order", () => {
  test("makes it what it was at a version, as a new version, with audit entry and usage event", async () => {
    const id = await orders.plan({ qty: 3 });
    await orders.update({ id, qty: 9, hullId: "HULL-9" });
    await orders.move(id, "RELEASE");
    await orders.move(id, "HOLD", { reason: "no resin" });
    const { workOrder } = await restore(id, 1);
    expect(workOrder).toMatchObject({
      status: "PLANNED",
      versionNumber: 5,
      qty: 3,
      hullId: "HULL-1",
      currentStage: { index: 0 },
      actions: ["RELEASE", "HOLD", "CANCEL"],
    });
    expect(workOrder.options.length).toBeGreaterThan(0);
    const [{ node: latest }] = workOrder.versions.edges;
    expect(latest).toMatchObject({ number: 5, reason: "RESTORE 1: typing error", snapshot: { qty: 3 } });
    const { data } = await orders.as(
      admin,
      "query ($id: ID) { auditLog(first: 1, entityId: $id) { edges { node { action outcome payload } } } }",
      { id },
    );
    expect(data.auditLog.edges[0].node).toMatchObject({
      action: "restoreWorkOrder",
      outcome: "SUCCEEDED",
      payload: {
        versionRestored: 1,
        changes: { qty: { from: 9, to: 3 }, status: { from: "HOLD", to: "PLANNED" } },
      },
    });
    const types = await database.db.selectFrom("catalog.usage_events").select("type").execute();
    expect(types.at(-1)?.type).toBe("work_order.restored");
  });

  test("brings back a hold with the place where it began, and can be taken back itself", async () => {
    const id = await orders.plan();
    await orders.move(id, "RELEASE");
    await orders.move(id, "HOLD", { reason: "no resin" });
    await orders.move(id, "CANCEL");
    expect((await restore(id, 3)).workOrder).toMatchObject({ status: "HOLD", versionNumber: 5 });
    expect(await orders.move(id, "UNHOLD")).toMatchObject({ workOrder: { status: "RELEASED" } });
    expect((await restore(id, 4)).workOrder).toMatchObject({ status: "CANCELLED", versionNumber: 7 });
  });

  test("is refused for a version that the order does not have, also when another order has it", async () => {
    const [id, other] = [await orders.plan(), await orders.plan()];
    await orders.update({ id: other, qty: 2 });
    for (const number of [0, 2, -1]) {
      expect(await restore(id, number)).toMatchObject({
        __typename: "InvalidInput",
        field: "versionNumber",
        message: expect.stringContaining(", 1 to 1"),
      });
    }
  });

  test.each([
    ["as it is already", 1, supervisor, "why", { __typename: "Conflict" }],
    ["by an operator", 1, operatorOf("Kitting"), "why", { __typename: "Forbidden" }],
    ["without a reason", 1, supervisor, " ", { __typename: "InvalidInput", field: "reason" }],
    [
      "with an endless reason",
      1,
      supervisor,
      "x".repeat(501),
      { __typename: "InvalidInput", field: "reason" },
    ],
  ] as const)("is refused %s", async (_why, version, who, reason, expected) => {
    const id = await orders.plan();
    expect(await restore(id, version, who, reason)).toMatchObject(expected);
  });

  test("is refused for an order that nobody has, or that another tenant has", async () => {
    const id = await orders.plan();
    expect(await restore("999999", 1)).toMatchObject({ __typename: "NotFound" });
    expect(await restore(id, 1, { ...supervisor, tenant: "other" })).toMatchObject({
      __typename: "NotFound",
    });
  });

  test("is refused for an order that is completed: the boat exists", async () => {
    const id = await orders.plan();
    await database.db
      .updateTable("catalog.work_orders")
      .set({ status: "completed" })
      .where("id", "=", id)
      .execute();
    expect(await restore(id, 1)).toMatchObject({
      __typename: "Conflict",
      message: expect.stringMatching(/COMPLETED/),
    });
  });
});
