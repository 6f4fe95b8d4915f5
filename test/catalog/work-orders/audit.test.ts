import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../../lib/wait.ts";
import { verifyAuditLogs } from "../../../db/audit-chain.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, startOrders, supervisor } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const PAGE = `query ($after: String, $entityId: ID) {
  auditLog(first: 2, after: $after, entityId: $entityId) {
    totalCount edges { node { seq action outcome code payload } } pageInfo { hasNextPage endCursor } } }`;

describe("the audit log", () => {
  test("holds successes and refusals of an order, newest first, page by page, with what the PLM had said", async () => {
    const { plan, move, as } = await startOrders(database);
    const id = await plan();
    await move(id, "START");
    await move(id, "RELEASE");
    await plan();
    const first = (await as(admin, PAGE, { entityId: id })).data.auditLog;
    expect(first).toMatchObject({
      totalCount: 3,
      edges: [
        { node: { action: "transitionWorkOrder", outcome: "SUCCEEDED", code: null } },
        { node: { action: "transitionWorkOrder", outcome: "DENIED", code: "CONFLICT" } },
      ],
      pageInfo: { hasNextPage: true },
    });
    const rest = (await as(admin, PAGE, { entityId: id, after: first.pageInfo.endCursor })).data.auditLog;
    expect(rest).toMatchObject({
      edges: [
        {
          node: {
            action: "createWorkOrder",
            payload: {
              versionNumber: 1,
              plm: {
                dataSource: "plm",
                plmCorrelationId: "test-1",
                plmSchemaVersion: "1.4.0",
                fallbackReason: null,
              },
            },
          },
        },
      ],
      pageInfo: { hasNextPage: false },
    });
  });

  test("says why the PLM did not describe a product", async () => {
    const { plan, as, plm } = await startOrders(database);
    plm.setFaults([{ path: "/plm/*", mode: "status", status: 503 }]);
    const entityId = await plan();
    const { data } = await as(admin, PAGE, { entityId });
    expect(data.auditLog.edges[0].node.payload.plm).toMatchObject({
      dataSource: "mrp",
      fallbackReason: "UNAVAILABLE",
    });
  });

  test("is a tenant's own, and for administrators", async () => {
    const { plan, as } = await startOrders(database);
    await plan();
    const other = await as({ ...admin, tenant: "other" }, PAGE);
    expect(other.data.auditLog.totalCount).toBe(0);
    const { errors } = await as(supervisor, PAGE);
    expect(errors).toMatchObject([{ message: "Missing scope: plm.admin" }]);
  });

  test.each([
    ["first: 0", "first"],
    ['after: "nonsense"', "after"],
    [`after: "${Buffer.from("c1:LX24").toString("base64url")}"`, "after"],
  ])("refuses %s", async (args, field) => {
    const { as } = await startOrders(database);
    const { errors } = await as(admin, `{ auditLog(${args}) { totalCount } }`);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", field } }]);
  });

  test("tells who lacked the scope of a mutation, without what they asked", async () => {
    const { plan, as } = await startOrders(database);
    const id = await plan();
    const query =
      'mutation ($id: ID!) { updateWorkOrder(input: { id: $id, hullId: "SECRET" }) { __typename } }';
    const refused = await as({ subject: "vera", scopes: ["plm.view"], tokenId: "token-5" }, query, { id });
    expect(refused.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    const denied = await waitFor(async () => {
      const { data } = await as(
        admin,
        "query ($id: ID) { auditLog(first: 1, entityId: $id) { edges { node { actor tokenId action outcome code payload } } } }",
        { id },
      );
      const [{ node }] = data.auditLog.edges;
      return node.outcome === "DENIED" && node;
    });
    expect(denied).toEqual({
      actor: "vera",
      tokenId: "token-5",
      action: "updateWorkOrder",
      outcome: "DENIED",
      code: "FORBIDDEN",
      payload: { message: "Missing scope: workorders.write" },
    });
  });
});

test("chains what is done to orders and to the PLM's mode, with the token that it was done with", async () => {
  const { plan, as } = await startOrders(database);
  const before = await database.db.selectFrom("catalog.audit_log").select("seq").execute();
  const id = await plan();
  const mutation = `mutation ($input: SetPlmModeInput!) { setPlmMode(input: $input) { __typename } }`;
  const input = { mode: "SHADOW", reason: "", expectedVersion: "1" };
  await as({ ...admin, tokenId: "token-8" }, mutation, { input });
  const rows = await database.db.selectFrom("catalog.audit_log").selectAll().orderBy("seq").execute();
  expect(rows.slice(before.length)).toMatchObject([
    { action: "createWorkOrder", entity_id: id, outcome: "succeeded", actor: "sam" },
    { action: "setPlmMode", outcome: "denied", code: "BAD_USER_INPUT", actor: "ann", token_id: "token-8" },
  ]);
  const reports = await verifyAuditLogs(database.db);
  expect(reports[1]).toMatchObject({ problem: null, end: { position: rows.length } });
});
