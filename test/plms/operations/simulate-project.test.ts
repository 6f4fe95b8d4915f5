import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { simulateProject } from "../../../subgraphs/plms/operations/simulate-project.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject } from "../fixtures.ts";
import { codeOf, createTestPorts, type TestPorts } from "../support.ts";

let database: TestDatabase;
let ports: TestPorts;

beforeAll(async () => {
  database = await createTestDatabase();
  ports = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
});
afterAll(() => Promise.all([database.close(), ports.executor.close()]));

const ada = { tenant: "default" };

describe("simulating a project", () => {
  test("estimates it whole from the estimates of a sample, and stores nothing", async () => {
    const tasks = [...Array.from({ length: 40 }, () => "simple" as const), "complex" as const];
    const { id: projectId } = await insertProject(database, { tasks });
    const simulation = await simulateProject(ports, ada, { projectId });
    expect(simulation).toMatchObject({
      project: { id: projectId },
      estimated: { tokens: 41_000, durationMs: 2_460_000, costUsd: 4.1 },
      strata: [
        { complexity: "simple", tasksTotal: 40, tasksSampled: 1, meanCostUsd: 0.1 },
        { complexity: "complex", tasksTotal: 1, tasksSampled: 1, meanCostUsd: 0.1 },
      ],
      tasksTotal: 41,
      tasksSampled: 2,
      requestedPct: 0.01,
      effectivePct: 2 / 41,
      strataCoverage: 1,
      autoBumped: true,
      seed: 42,
    });
    expect(await database.db.selectFrom("plms.project_runs").selectAll().execute()).toEqual([]);
  });

  test("is the same again with the same seed", async () => {
    const { id: projectId } = await insertProject(database, {
      tasks: Array.from({ length: 50 }, () => "simple" as const),
    });
    const call = { projectId, rehearsalPct: 0.1, seed: 7 };
    expect(await simulateProject(ports, ada, call)).toEqual(await simulateProject(ports, ada, call));
  });

  test.each([0, 0.0009, 0.2001, -1, Number.NaN])("refuses a share of %d", async (rehearsalPct) => {
    const { id: projectId } = await insertProject(database);
    await expect(simulateProject(ports, ada, { projectId, rehearsalPct })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      details: { field: "input.rehearsalPct", allowed: "a number from 0.001 to 0.2" },
    });
  });

  test("refuses what is not there", async () => {
    const { id: foreignId } = await insertProject(database, { tenant: "acme" });
    const { id: emptyId } = await insertProject(database, { tasks: [] });
    expect(await codeOf(simulateProject(ports, ada, { projectId: "777777" }))).toBe("NOT_FOUND");
    expect(await codeOf(simulateProject(ports, ada, { projectId: foreignId }))).toBe("NOT_FOUND");
    expect(await codeOf(simulateProject(ports, ada, { projectId: emptyId }))).toBe("CONFLICT");
  });
});
