import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Identity } from "../../../lib/identity.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, operatorOf, startOrders, supervisor, type OrderTest } from "../work-orders/support.ts";

let database: TestDatabase;
let orders: OrderTest;
let id: string;

/** Everything that anybody may see was asked for by somebody who may see it: all that is kept is warm. */
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const MODELS = "{ models { edges { node { id features { id } bom { lines { code } } } } } }";
const ORDER = `query ($id: ID!, $entities: [_Any!]!) { workOrder(id: $id) { number model { id } versions { edges { node { snapshot payload } } } }
  workOrders(first: 100) { totalCount edges { node { id } } }
  _entities(representations: $entities) {
    ... on Project { workOrders { totalCount } } ... on WorkOrder { number } } }`;
const entities = () => [
  { __typename: "Project", id: "secret" },
  { __typename: "WorkOrder", id },
];
const AUDIT = "query ($id: ID) { auditLog(entityId: $id) { totalCount } }";
const stranger: Partial<Identity> = { ...admin, subject: "mallory", tenant: "other" };

async function startWarm(): Promise<void> {
  orders = await startOrders(database);
  id = await orders.plan({ projectId: "secret" });
  for (const query of [MODELS, ORDER, AUDIT]) {
    const { data, errors } = await orders.as(admin, query, { id, entities: entities() });
    expect(errors).toBeUndefined();
    expect(Object.values(data)).not.toContain(null);
  }
}

describe("what is kept for one caller", () => {
  test("is not shown to one without the scope, also not while both ask at once", async () => {
    await startWarm();
    await orders.administer("mutation { invalidatePlmCache }");
    const [allowed, refused] = await Promise.all([
      orders.as(admin, MODELS),
      orders.as({ scopes: [] }, MODELS),
    ]);
    expect(allowed.errors).toBeUndefined();
    expect(refused).toMatchObject({ data: null, errors: [{ extensions: { code: "FORBIDDEN" } }] });
    const viewer = await orders.as({ scopes: ["plm.view"] }, AUDIT, { id });
    expect(viewer).toMatchObject({ data: null, errors: [{ extensions: { code: "FORBIDDEN" } }] });
    for (const query of [MODELS, ORDER]) {
      const { data, errors } = await orders.as({ scopes: ["workorders.write"] }, query, {
        id,
        entities: entities(),
      });
      expect(errors?.length).toBeGreaterThan(0);
      expect(JSON.stringify(data ?? {})).not.toMatch(/"number"|"payload"|"features"/);
    }
  });

  test("is not shown to another tenant", async () => {
    await startWarm();
    const { data, errors } = await orders.as(stranger, ORDER, { id, entities: entities() });
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      workOrder: null,
      workOrders: { totalCount: 0, edges: [] },
      _entities: [{ workOrders: { totalCount: 0 } }, null],
    });
    expect((await orders.as(stranger, AUDIT, { id })).data.auditLog.totalCount).toBe(0);
  });

  test("is not shown to an operator of another department, whoever of theirs asked before", async () => {
    await startWarm();
    await orders.as(operatorOf("Kitting"), ORDER, { id, entities: entities() });
    const { data, errors } = await orders.as(operatorOf("QA"), ORDER, { id, entities: entities() });
    expect(data.workOrder).toBeNull();
    expect(data.workOrders.edges).toEqual([]);
    expect(data["_entities"]).toEqual([{ workOrders: { totalCount: 0 } }, null]);
    expect(new Set(errors?.map(({ extensions }) => extensions["code"]))).toEqual(new Set(["FORBIDDEN"]));
  });

  test("is not handed out for the idempotency key of somebody else", async () => {
    await startWarm();
    const key = randomUUID();
    const mine = await orders.create({}, supervisor, key);
    for (const other of [{ ...supervisor, subject: "sue" }, stranger]) {
      const theirs = await orders.create({}, other, key);
      expect(theirs).toMatchObject({ __typename: "WorkOrderSuccess", replayed: false });
      expect(theirs.workOrder.id).not.toBe(mine.workOrder.id);
    }
  });
});
