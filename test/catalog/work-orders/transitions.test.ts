import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startOrders, supervisor, type OrderTest } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const VERSIONS =
  "query ($id: ID!) { workOrder(id: $id) { versions { edges { node { number reason snapshot } } } } }";
const versionsOf = async ({ as }: OrderTest, id: string) => {
  const { data } = await as(supervisor, VERSIONS, { id });
  return data.workOrder.versions.edges.map(({ node }: { node: unknown }) => node);
};

describe("a work order", () => {
  test("goes through all eleven departments to its completion, with a version for every step", async () => {
    const test = await startOrders(database);
    const { plan, move, as } = test;
    const id = await plan();
    await move(id, "RELEASE");
    const stages: string[] = [];
    for (let step = 0; step < 11; step += 1) {
      const { data } = await as(
        supervisor,
        "query ($id: ID!) { workOrder(id: $id) { currentStage { code } } }",
        {
          id,
        },
      );
      stages.push(data.workOrder.currentStage.code);
      await move(id, "START");
      await move(id, "COMPLETE", { goodQty: 1 });
    }
    expect(stages).toEqual("KIT LAM HRIG DRIG CAP ENG FRIG WTEST QA CLEAN SHIP".split(" "));
    const versions = await versionsOf(test, id);
    expect(versions).toHaveLength(20);
    expect(versions[0]).toMatchObject({ number: 24, reason: "COMPLETE", snapshot: { status: "COMPLETED" } });
    await expect(move(id, "START")).resolves.toMatchObject({
      __typename: "Conflict",
      message: expect.stringContaining("is COMPLETED, so START is not possible; possible now: nothing"),
    });
    const logs = await database.db
      .selectFrom("catalog.work_order_stage_logs")
      .select(["stage_code", "event", "station_id", "good_qty"])
      .where("work_order_id", "=", id)
      .orderBy("id")
      .execute();
    expect(logs).toHaveLength(22);
    expect(logs[1]).toEqual({ stage_code: "KIT", event: "complete", station_id: "kit-1", good_qty: 1 });
  });

  test("comes back from a hold to where it was, and says why it was held", async () => {
    const test = await startOrders(database);
    const { plan, move } = test;
    const id = await plan();
    await move(id, "RELEASE");
    await move(id, "START");
    await expect(move(id, "HOLD", { reason: "the engine is late" })).resolves.toMatchObject({
      workOrder: { status: "HOLD", actions: ["UNHOLD", "CANCEL"] },
    });
    await expect(move(id, "UNHOLD")).resolves.toMatchObject({ workOrder: { status: "IN_PROGRESS" } });
    const [, held] = await versionsOf(test, id);
    expect(held).toMatchObject({ reason: "HOLD: the engine is late", snapshot: { heldFrom: "IN_PROGRESS" } });
  });

  test("keeps its status when it pauses, and leaves a version and a log of that", async () => {
    const test = await startOrders(database);
    const { plan, move } = test;
    const id = await plan();
    await move(id, "RELEASE");
    await move(id, "START");
    await expect(move(id, "PAUSE", { reason: "lunch" })).resolves.toMatchObject({
      workOrder: { status: "IN_PROGRESS", versionNumber: 4 },
    });
  });

  test("is a plan again after it was cancelled", async () => {
    const { plan, move } = await startOrders(database);
    const id = await plan();
    await move(id, "CANCEL");
    await expect(move(id, "UNCANCEL")).resolves.toMatchObject({ workOrder: { status: "PLANNED" } });
  });

  test("cannot be released before everything is planned, and says what is missing", async () => {
    const { create, move } = await startOrders(database);
    const { workOrder } = await create();
    await expect(move(workOrder.id, "RELEASE")).resolves.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining(
        "hullId is not set; plannedStartAt is not set; plannedFinishAt is not set",
      ),
    });
  });

  test("makes its routing a released one, and follows it as it is at that moment", async () => {
    const own = await createTestDatabase({ seed: true });
    const { plan, move, as } = await startOrders(own);
    await own.db
      .updateTable("catalog.routing_versions")
      .set({ status: "draft", released_at: null })
      .execute();
    const id = await plan();
    await own.db
      .updateTable("catalog.routing_stages")
      .set({ enabled: false })
      .where("code", "=", "KIT")
      .execute();
    await move(id, "RELEASE");
    const { data } = await as(
      supervisor,
      "query ($id: ID!) { workOrder(id: $id) { currentStage { code } } }",
      { id },
    );
    expect(data.workOrder.currentStage.code).toBe("LAM");
    const routing = await own.db.selectFrom("catalog.routing_versions").selectAll().executeTakeFirstOrThrow();
    expect(routing).toMatchObject({ status: "released", released_at: expect.any(Date) });
    await own.close();
  });

  test("is changed by one of two people at the same time, and the other is told", async () => {
    const { plan, move } = await startOrders(database);
    const id = await plan();
    const answers = await Promise.all([move(id, "RELEASE"), move(id, "RELEASE")]);
    expect(answers.filter(({ __typename }) => __typename === "Conflict")).toHaveLength(1);
  });
});

describe("an action is refused", () => {
  test.each([
    ["from another status", "START", {}, "CONFLICT"],
    ["without a reason that it needs", "HOLD", {}, "BAD_USER_INPUT"],
    ["with quantities that it does not have", "RELEASE", { goodQty: 1 }, "BAD_USER_INPUT"],
    ["with a station that it does not have", "RELEASE", { stationId: "kit-1" }, "BAD_USER_INPUT"],
    ["with an endless reason", "CANCEL", { reason: "x".repeat(501) }, "BAD_USER_INPUT"],
  ])("%s", async (_what, action, more, code) => {
    const { plan, move } = await startOrders(database);
    const id = await plan();
    await expect(move(id, action, more)).resolves.toMatchObject({ code });
  });

  test("for an order that does not exist", async () => {
    const { move } = await startOrders(database);
    await expect(move("999999", "RELEASE")).resolves.toMatchObject({ code: "NOT_FOUND" });
    await expect(move("nope", "RELEASE")).resolves.toMatchObject({ code: "NOT_FOUND" });
  });

  test("for an order of another tenant, as if it did not exist", async () => {
    const { plan, move } = await startOrders(database);
    const id = await plan();
    await expect(move(id, "RELEASE", {}, { ...supervisor, tenant: "other" })).resolves.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("with a negative quantity, or a station of another stage", async () => {
    const { plan, move } = await startOrders(database);
    const id = await plan();
    await move(id, "RELEASE");
    await move(id, "START");
    await expect(move(id, "COMPLETE", { goodQty: -1 })).resolves.toMatchObject({ field: "goodQty" });
    await expect(move(id, "COMPLETE", { stationId: "qa-1" })).resolves.toMatchObject({
      field: "stationId",
      message: expect.stringContaining("kit-1"),
    });
  });

  test("with more good pieces than were ordered, which are a slip of the finger", async () => {
    const { plan, move } = await startOrders(database);
    const id = await plan({ qty: 3 });
    await move(id, "RELEASE");
    await move(id, "START");
    await expect(move(id, "COMPLETE", { goodQty: 4 })).resolves.toMatchObject({
      code: "BAD_USER_INPUT",
      field: "goodQty",
      message: expect.stringContaining("at most the 3"),
    });
    await expect(move(id, "COMPLETE", { goodQty: 3, scrapQty: 2 })).resolves.toMatchObject({
      __typename: "WorkOrderSuccess",
    });
  });

  test("while the stage has no active station", async () => {
    const own = await createTestDatabase({ seed: true });
    const { plan, move } = await startOrders(own);
    const id = await plan();
    await move(id, "RELEASE");
    await own.db
      .updateTable("catalog.stations")
      .set({ is_active: false })
      .where("id", "=", "kit-1")
      .execute();
    await expect(move(id, "START")).resolves.toMatchObject({
      code: "CONFLICT",
      message: 'Stage "Kitting" has no active station; activate one first',
    });
    await own.close();
  });
});
