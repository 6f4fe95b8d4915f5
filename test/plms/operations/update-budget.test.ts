import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runwaysOf } from "../../../subgraphs/plms/operations/runways-of.ts";
import { updateBudget } from "../../../subgraphs/plms/operations/update-budget.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertRun } from "../fixtures.ts";
import { codeOf, createTestPorts, type TestPorts } from "../support.ts";

let database: TestDatabase;
let ports: TestPorts;

beforeAll(async () => {
  database = await createTestDatabase();
  ports = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
});
afterAll(() => Promise.all([database.close(), ports.executor.close()]));

const principal = { tenant: "default", subject: "ada", correlationId: "test" };

describe("the thresholds of a project", () => {
  test("are what its owner decides, stay when nothing is said of them, and decide its status", async () => {
    const run = await insertRun(database, {}, { usdMax: 100 });
    const { project } = await updateBudget(ports, principal, {
      projectId: run.projectId,
      warningAt: 0.2,
      criticalAt: 0.95,
    });
    expect(project.budget).toMatchObject({ usdMax: 100, warningAt: 0.2, criticalAt: 0.95 });
    const raised = await updateBudget(ports, principal, { projectId: run.projectId, usdMax: 200 });
    expect(raised.project.budget).toMatchObject({ usdMax: 200, warningAt: 0.2, criticalAt: 0.95 });
    const [runway] = await runwaysOf(ports, [run.projectId]);
    expect(runway?.alarms).toEqual({ warningAt: 0.2, criticalAt: 0.95 });
  });

  test("may not be the wrong way round, which is said with both values", async () => {
    const run = await insertRun(database, {}, { usdMax: 1 });
    await expect(
      updateBudget(ports, principal, { projectId: run.projectId, warningAt: 0.8 }),
    ).rejects.toThrow(/warningAt.*0\.8.*less than criticalAt, which is 0\.76/);
  });
});

describe("limits that cannot be", () => {
  test.each([
    [{ usdMax: -1 }, "BAD_USER_INPUT"],
    [{ usdMax: 1e12 }, "BAD_USER_INPUT"],
    [{ tokensMax: -5 }, "BAD_USER_INPUT"],
    [{}, "BAD_USER_INPUT"],
    [{ warningAt: 0.1 }, "BAD_USER_INPUT"],
    [{ criticalAt: 1 }, "BAD_USER_INPUT"],
    [{ warningAt: Number.NaN }, "BAD_USER_INPUT"],
    [{ warningAt: 0.8 }, "BAD_USER_INPUT"],
  ] as const)("like %j are refused", async (limits, code) => {
    const run = await insertRun(database, {}, { usdMax: 1 });
    expect(await codeOf(updateBudget(ports, principal, { projectId: run.projectId, ...limits }))).toBe(code);
  });

  test("of other tenants' projects do not exist", async () => {
    const run = await insertRun(database, {}, { usdMax: 1 });
    const stranger = { ...principal, tenant: "other" };
    expect(await codeOf(updateBudget(ports, stranger, { projectId: run.projectId, usdMax: 5 }))).toBe(
      "NOT_FOUND",
    );
  });

  test("can be taken away", async () => {
    const run = await insertRun(database, {}, { usdMax: 1 });
    const { project } = await updateBudget(ports, principal, { projectId: run.projectId, usdMax: null });
    expect(project.budget.usdMax).toBeNull();
  });
});
