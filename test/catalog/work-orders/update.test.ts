import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, operatorOf, startOrders, supervisor } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

describe("an edit", () => {
  test("changes what it names, leaves the rest, and is written down with what changed", async () => {
    const { plan, update, as } = await startOrders(database);
    const id = await plan();
    await expect(update({ id, qty: 4, priority: "CRITICAL", reason: "bigger order" })).resolves.toMatchObject(
      {
        workOrder: { versionNumber: 2 },
      },
    );
    const { data } = await as(
      admin,
      "query ($id: ID!) { auditLog(entityId: $id, first: 1) { edges { node { action outcome payload } } } workOrder(id: $id) { hullId qty versions(first: 1) { edges { node { reason } } } } }",
      { id },
    );
    expect(data.workOrder).toMatchObject({
      hullId: "HULL-1",
      qty: 4,
      versions: { edges: [{ node: { reason: "UPDATE: bigger order" } }] },
    });
    expect(data.auditLog.edges[0].node).toMatchObject({
      action: "updateWorkOrder",
      outcome: "SUCCEEDED",
      payload: {
        versionNumber: 2,
        changes: { qty: { from: 1, to: 4 }, priority: { from: "NORMAL", to: "CRITICAL" } },
      },
    });
  });

  test.each([
    ["of nothing", {}, "BAD_USER_INPUT"],
    ["of an older version", { qty: 2, expectedVersion: 7 }, "CONFLICT"],
    ["with an end before its start", { plannedFinishAt: "2020-01-01T00:00:00Z" }, "BAD_USER_INPUT"],
    ["with a bad quantity", { qty: 0 }, "BAD_USER_INPUT"],
  ])("%s is refused", async (_what, changes, code) => {
    const { plan, update } = await startOrders(database);
    const id = await plan();
    await expect(update({ id, ...changes })).resolves.toMatchObject({ code });
  });

  test("of hull, SKU or quantity is refused once the order is released, and of dates to nothing", async () => {
    const { plan, move, update } = await startOrders(database);
    const id = await plan();
    await move(id, "RELEASE");
    await expect(update({ id, qty: 2, hullId: "H2" })).resolves.toMatchObject({
      message: expect.stringContaining("hullId, qty may change only while it is PLANNED or CANCELLED"),
    });
    await expect(update({ id, plannedStartAt: null })).resolves.toMatchObject({ code: "BAD_USER_INPUT" });
    await expect(update({ id, priority: "LOW" })).resolves.toMatchObject({ __typename: "WorkOrderSuccess" });
  });

  test("by an operator is refused", async () => {
    const { plan, update } = await startOrders(database);
    const id = await plan();
    await expect(update({ id, qty: 2 }, operatorOf("Kitting"))).resolves.toMatchObject({ code: "FORBIDDEN" });
  });

  test("of an order that has ended is refused", async () => {
    const { plan, update } = await startOrders(database);
    const id = await plan();
    await database.db
      .updateTable("catalog.work_orders")
      .set({ status: "closed" })
      .where("id", "=", id)
      .execute();
    await expect(update({ id, priority: "LOW" })).resolves.toMatchObject({
      message: expect.stringContaining("is CLOSED and cannot change"),
    });
  });
});

describe("the options of an order", () => {
  const OPTIONS =
    "query ($id: ID!) { workOrder(id: $id) { versionNumber options { id quantity { value unit } } } }";

  test("are chosen again from what the order keeps, by the same rules, as a new version", async () => {
    const { as, create, update, plm } = await startOrders(database);
    const { workOrder } = await create();
    // Whatever becomes of the catalogue, the order has its own copy of it.
    plm.setFaults([{ path: "*", mode: "down" }]);
    const options = ["lx24-powertrain-engine-v8-350", "lx24-powertrain-propeller-alu-3"];
    expect(await update({ id: workOrder.id, options })).toMatchObject({ workOrder: { versionNumber: 2 } });
    const { data } = await as(supervisor, OPTIONS, { id: workOrder.id });
    expect(data.workOrder.options).toEqual(
      options.map((id) => ({ id, quantity: { value: "1", unit: "C62" } })),
    );
    expect(await update({ id: workOrder.id, options: options.slice(0, 1) })).toMatchObject({
      code: "BAD_USER_INPUT",
      message: expect.stringContaining("POWERTRAIN/PROPELLER needs an option"),
    });
  });
});

describe("the trim of an order", () => {
  const ORDER = `query ($id: ID!) { workOrder(id: $id) { versionNumber productSku dataSource trim { id }
    options { id section } versions(first: 1) { edges { node { snapshot } } } } }`;
  const started = async () => {
    const test = await startOrders(database);
    const { workOrder } = await test.create({ modelId: "lx26", trimId: "lx26-base" });
    // Whatever becomes of the catalogue, the order has its own copy of it.
    test.plm.setFaults([{ path: "*", mode: "down" }]);
    const read = async () => (await test.as(supervisor, ORDER, { id: workOrder.id })).data.workOrder;
    return { ...test, id: workOrder.id as string, read };
  };
  const sectionsOf = ({ options }: { options: { section: string }[] }) =>
    new Set(options.map(({ section }) => section));

  test("changes with what is built by default for it, its SKU and its snapshot, as a new version", async () => {
    const { update, read, id } = await started();
    const before = await read();
    expect(await update({ id, trimId: "lx26-luxury" })).toMatchObject({ workOrder: { versionNumber: 2 } });
    const after = await read();
    expect(after).toMatchObject({ trim: { id: "lx26-luxury" }, dataSource: before.dataSource });
    expect(sectionsOf(before)).not.toContain("LUXURY_COMFORT");
    expect(sectionsOf(after)).toContain("LUXURY_COMFORT");
    expect([before.productSku, after.productSku]).toEqual(["LX26-BASE", "LX26-LUXURY"]);
    const { snapshot } = after.versions.edges[0].node;
    expect(snapshot).toMatchObject({ trimId: "lx26-luxury", specSnapshot: { trim: "Luxury" } });
  });

  test("comes back with an older version", async () => {
    const { update, read, id, as } = await started();
    const before = await read();
    await update({ id, trimId: "lx26-luxury" });
    const { errors } = await as(
      supervisor,
      `mutation ($id: ID!) { restoreWorkOrder(id: $id, versionNumber: 1, reason: "a mistake") { __typename } }`,
      { id },
    );
    expect(errors).toBeUndefined();
    const { versionNumber: _number, versions: _versions, ...restored } = await read();
    expect(before).toMatchObject(restored);
  });

  test.each([
    ["of another model", "lx24-base", "BAD_USER_INPUT"],
    ["that nobody knows", "lx26-none", "BAD_USER_INPUT"],
  ])("cannot be one %s", async (_which, trimId, code) => {
    const { update, id } = await started();
    expect(await update({ id, trimId })).toMatchObject({ code, field: "input.trimId" });
  });

  test("may change together with options, which are checked for the new trim", async () => {
    const { update, read, id } = await started();
    const { options } = await read();
    const ids = options.map((option: { id: string }) => option.id);
    expect(await update({ id, trimId: "lx26-luxury", options: ids })).toMatchObject({
      code: "BAD_USER_INPUT",
      message: expect.stringContaining("LUXURY_COMFORT"),
    });
    expect(await update({ id, trimId: "lx26-sport", options: ids })).toMatchObject({
      workOrder: { versionNumber: 2 },
    });
  });

  test("stays once the order is released", async () => {
    const { plan, move, update } = await startOrders(database);
    const id = await plan();
    await move(id, "RELEASE");
    expect(await update({ id, trimId: "lx24-sport" })).toMatchObject({
      message: expect.stringContaining("trimId may change only while it is PLANNED or CANCELLED"),
    });
  });
});
