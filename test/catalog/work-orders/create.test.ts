import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { caller } from "../support.ts";
import { admin, operatorOf, startOrders, supervisor } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const DETAIL = `query ($id: ID!) {
  workOrder(id: $id) {
    id number status qty productSku hullId priority dataSource plmCorrelationId plmSchemaVersion createdBy
    model { id code provenance { source } } trim { id code } project { id }
    currentStage { index code department standardSeconds }
    options { section component code partNumber }
    versions { totalCount edges { node {
      number reason schemaHash dataSource plmSchemaVersion payloadSha256 snapshot payload createdBy } } }
  }
}`;

describe("a new work order", () => {
  test("is planned, numbered, and keeps what the PLM said of its product", async () => {
    const { create, as } = await startOrders(database);
    const created = await create({ qty: 2, projectId: "7", priority: "HIGH" });
    expect(created).toMatchObject({
      __typename: "WorkOrderSuccess",
      replayed: false,
      workOrder: { number: expect.stringMatching(/^WO-\d{6}$/), status: "PLANNED", versionNumber: 1 },
    });
    const { data, errors } = await as(supervisor, DETAIL, { id: created.workOrder.id });
    expect(errors).toBeUndefined();
    expect(data.workOrder).toMatchObject({
      qty: 2,
      productSku: "LX24-BASE",
      priority: "HIGH",
      dataSource: "PLM",
      plmCorrelationId: "test-1",
      plmSchemaVersion: "1.4.0",
      createdBy: "sam",
      model: { id: "lx24" },
      trim: { id: "lx24-base" },
      project: { id: "7" },
      currentStage: { index: 0, code: "KIT", department: "Kitting", standardSeconds: 7200 },
    });
    expect(data.workOrder.options.length).toBeGreaterThan(0);
    const [{ node: version }] = data.workOrder.versions.edges;
    expect(version).toMatchObject({
      number: 1,
      reason: "CREATE",
      dataSource: "PLM",
      schemaHash: "sha256:d71fc959426a7aed9636d916007f2ad1a788421b9615036fa027359d91a64d74",
      createdBy: "sam",
      snapshot: {
        number: created.workOrder.number,
        status: "PLANNED",
        versionNumber: 1,
        schema_hash: version.schemaHash,
        payloadSha256: version.payloadSha256,
        specSnapshot: { model: "LX24", trim: "Base", routingVersionId: "lx24-base-v1" },
      },
      payload: {
        product: { code: "LX24" },
        configuration: { sections: expect.any(Array) },
        plmAnswer: { schemaVersion: "1.4.0", data: { code: "LX24", updatedAt: expect.any(String) } },
      },
    });
    expect(version.payload.plmAnswer).not.toHaveProperty("correlationId");
    expect(version.snapshot.routingVersion.stages).toHaveLength(11);
    expect(version.snapshot.routingVersion.stages[0]).not.toHaveProperty("id");
  });

  test("says MRP when the MRP described its product", async () => {
    const { create } = await startOrders(database, { PLM_MODE: "disabled" });
    await expect(create()).resolves.toMatchObject({ workOrder: { dataSource: "MRP" } });
  });

  test("is created from the MRP while the PLM is down", async () => {
    const { create, plm } = await startOrders(database);
    plm.setFaults([{ path: "*", mode: "down" }]);
    await expect(create()).resolves.toMatchObject({ workOrder: { dataSource: "MRP" } });
  });

  test("says in plain words that no source can describe the product", async () => {
    const { create, plm } = await startOrders(database, { PLM_FALLBACK_ENABLED: "false" });
    plm.setFaults([{ path: "*", mode: "down" }]);
    await expect(create()).resolves.toMatchObject({
      __typename: "Unavailable",
      code: "PLM_UNAVAILABLE",
      message: "The product catalogue is briefly unavailable; try again in a moment",
    });
  });

  test("follows the routing of the house when its product has none of its own", async () => {
    const { create, as } = await startOrders(database);
    const { workOrder } = await create({ modelId: "lx26", trimId: "lx26-luxury" });
    const { data } = await as(supervisor, DETAIL, { id: workOrder.id });
    expect(data.workOrder.versions.edges[0].node.snapshot).toMatchObject({
      routingVersionId: "lx24-base-v1",
      specSnapshot: { model: "LX26", trim: "Luxury" },
    });
  });
});

describe("a new work order is refused", () => {
  const cases: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ["for no boats", { qty: 0 }, { code: "BAD_USER_INPUT", field: "input.qty" }],
    ["for an unknown model", { modelId: "lx99" }, { code: "NOT_FOUND" }],
    [
      "for a trim of another model",
      { trimId: "lx26-sport" },
      { code: "BAD_USER_INPUT", field: "input.trimId" },
    ],
    ["for an unknown routing", { routingVersionId: "nope" }, { code: "NOT_FOUND" }],
    ["for an empty hull", { hullId: " " }, { code: "BAD_USER_INPUT", field: "input.hullId" }],
    ["for an unknown option", { options: ["nope"] }, { code: "BAD_USER_INPUT", field: "input.options" }],
    [
      "for an end before its start",
      { plannedStartAt: "2030-01-02T00:00:00Z", plannedFinishAt: "2030-01-01T00:00:00Z" },
      { code: "BAD_USER_INPUT", field: "input.plannedFinishAt" },
    ],
    [
      "for a start in the past",
      { plannedStartAt: "2020-01-01T00:00:00Z", plannedFinishAt: "2020-01-02T00:00:00Z" },
      { code: "BAD_USER_INPUT", field: "input.plannedStartAt" },
    ],
  ];
  test.each(cases)("%s", async (_what, input, expected) => {
    const { create } = await startOrders(database);
    await expect(create(input)).resolves.toMatchObject(expected);
  });

  test("for an operator, and that leaves a trace", async () => {
    const { create, as } = await startOrders(database);
    await expect(create({}, operatorOf("Kitting"))).resolves.toMatchObject({
      __typename: "Forbidden",
      code: "FORBIDDEN",
    });
    const { data } = await as(
      admin,
      "{ auditLog(first: 1) { edges { node { actor actorRole action outcome code payload correlationId } } } }",
    );
    expect(data.auditLog.edges[0].node).toMatchObject({
      actor: "otto",
      actorRole: "OPERATOR",
      action: "createWorkOrder",
      outcome: "DENIED",
      code: "FORBIDDEN",
      correlationId: "test-1",
      payload: { input: { modelId: "lx24" } },
    });
  });

  test("without the scope", async () => {
    const { as } = await startOrders(database);
    const { errors } = await as(
      { scopes: ["plm.view"] },
      'mutation { createWorkOrder(input: { modelId: "lx24" }, idempotencyKey: "k") { __typename } }',
    );
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });

  test("while a department of its routing has no active work center, which is named", async () => {
    const own = await createTestDatabase({ seed: true });
    const { create } = await startOrders(own);
    await own.db
      .updateTable("catalog.work_centers")
      .set({ is_active: false })
      .where("department_id", "=", "qa")
      .execute();
    await expect(create()).resolves.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining('Department "QA" has no active work center'),
    });
    await own.close();
  });
});

describe("an idempotency key", () => {
  test("gives the same order again, without asking the PLM again", async () => {
    const { create, plm } = await startOrders(database, { PLM_CACHE_ENABLED: "false" });
    const first = await create({ qty: 3 }, supervisor, "key-1");
    const asked = plm.requests();
    const again = await create({ qty: 3 }, supervisor, "key-1");
    expect(again).toMatchObject({ replayed: true, workOrder: { id: first.workOrder.id } });
    expect(plm.requests()).toEqual(asked);
  });

  test("is in the extensions of the response, with the time when it is free again", async () => {
    const { subgraph } = await startOrders(database);
    const query =
      'mutation { createWorkOrder(input: { modelId: "lx24" }, idempotencyKey: "key-0") { __typename } }';
    const answers = [
      await subgraph.endpoint.execute({ query, caller: caller(supervisor) }),
      await subgraph.endpoint.execute({ query, caller: caller(supervisor) }),
    ];
    const [first, again] = answers.map(({ extensions }) => extensions?.["idempotency"]);
    expect(first).toEqual({ key: "key-0", replayed: false, expiresAt: expect.stringMatching(/Z$/) });
    expect(again).toEqual({ ...(first as object), replayed: true });
  });

  test("belongs to its input", async () => {
    const { create } = await startOrders(database);
    await create({ qty: 3 }, supervisor, "key-2");
    await expect(create({ qty: 4 }, supervisor, "key-2")).resolves.toMatchObject({
      __typename: "Conflict",
      code: "IDEMPOTENCY_KEY_REUSED",
    });
  });

  test("belongs to its user", async () => {
    const { create } = await startOrders(database);
    await create({}, supervisor, "key-3");
    await expect(create({}, admin, "key-3")).resolves.toMatchObject({ replayed: false });
  });

  test("creates one order for fifty calls at once", async () => {
    const { create } = await startOrders(database);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => create({ qty: 5 }, supervisor, "key-4")),
    );
    expect(new Set(answers.map(({ workOrder }) => workOrder.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  test("is free again when its time is over", async () => {
    const { create, clock } = await startOrders(database, { IDEMPOTENCY_TTL_SECONDS: "60" });
    const first = await create({}, supervisor, "key-5");
    clock.advance(61_000);
    const second = await create({}, supervisor, "key-5");
    expect(second).toMatchObject({ replayed: false });
    expect(second.workOrder.id).not.toBe(first.workOrder.id);
  });

  test("is text that a header could carry", async () => {
    const { create } = await startOrders(database);
    await expect(create({}, supervisor, "ключ")).resolves.toMatchObject({ field: "idempotencyKey" });
  });

  test("is in flight while the first call has not committed", async () => {
    const { create } = await startOrders(database);
    const blocked = Promise.withResolvers<void>();
    const holding = database.db.transaction().execute(async (tx) => {
      await tx
        .insertInto("catalog.idempotency_keys")
        .values({
          tenant: "default",
          principal: "sam",
          operation: "createWorkOrder",
          key: "key-6",
          fingerprint: "x",
          expires_at: new Date(Date.now() + 60_000),
        })
        .execute();
      await blocked.promise;
    });
    await expect(create({}, supervisor, "key-6")).resolves.toMatchObject({ code: "IDEMPOTENCY_IN_FLIGHT" });
    blocked.resolve();
    await holding;
  });
});
