import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { operatorOf, startOrders } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

describe("operators", () => {
  test("start, pause and complete what is at a stage of their department, and nothing else", async () => {
    const { plan, move } = await startOrders(database);
    const id = await plan();
    const kitting = operatorOf("Kitting");
    await expect(move(id, "RELEASE", {}, kitting)).resolves.toMatchObject({ __typename: "Forbidden" });
    await move(id, "RELEASE");
    await expect(move(id, "START", {}, operatorOf("QA"))).resolves.toMatchObject({
      message: 'Stage "Kitting" is the work of department "Kitting", which is not yours',
    });
    await expect(move(id, "START", {}, operatorOf())).resolves.toMatchObject({
      message: "Your account belongs to no department; ask an administrator to add you to one",
    });
    await expect(move(id, "START", {}, kitting)).resolves.toMatchObject({ __typename: "WorkOrderSuccess" });
    await expect(move(id, "CANCEL", {}, kitting)).resolves.toMatchObject({ __typename: "Forbidden" });
    await expect(move(id, "COMPLETE", {}, kitting)).resolves.toMatchObject({
      workOrder: { status: "RELEASED" },
    });
    await expect(move(id, "START", {}, kitting)).resolves.toMatchObject({ __typename: "Forbidden" });
  });

  test("see what is at a stage of their departments: in detail, in lists, and from a project", async () => {
    const { plan, move, as } = await startOrders(database);
    const here = await plan({ projectId: "visible" });
    const there = await plan({ projectId: "visible" });
    await move(there, "RELEASE");
    await move(there, "START");
    await move(there, "COMPLETE");
    const query = `query ($here: ID!, $there: ID!) {
      here: workOrder(id: $here) { id } there: workOrder(id: $there) { id }
      workOrders(first: 100) { totalCount edges { node { id } } }
      _entities(representations: [{ __typename: "Project", id: "visible" }]) {
        ... on Project { workOrders { totalCount edges { node { id } } } }
      }
    }`;
    const { data, errors } = await as(operatorOf("Kitting", "Cleaning"), query, { here, there });
    expect(data.here).toEqual({ id: here });
    expect(data.there).toBeNull();
    expect(errors).toMatchObject([{ path: ["there"], extensions: { code: "FORBIDDEN" } }]);
    const ids = data.workOrders.edges.map(({ node }: { node: { id: string } }) => node.id);
    expect(ids).toContain(here);
    expect(ids).not.toContain(there);
    expect(data["_entities"][0].workOrders).toMatchObject({ totalCount: 1, edges: [{ node: { id: here } }] });
  });

  test("of no department see nothing", async () => {
    const { plan, as } = await startOrders(database);
    await plan();
    const { data } = await as(operatorOf(), "{ workOrders { totalCount } }");
    expect(data.workOrders.totalCount).toBe(0);
  });
});
