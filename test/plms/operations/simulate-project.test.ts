import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recommendedSampleSize } from "../../../subgraphs/plms/domain/rehearsal.ts";
import { stratifiedSample } from "../../../subgraphs/plms/domain/stratified-sample.ts";
import { recordReceipts } from "../../../subgraphs/plms/operations/record-receipts.ts";
import { simulateProject } from "../../../subgraphs/plms/operations/simulate-project.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject } from "../fixtures.ts";
import { codeOf, createTestPorts, startPas, type TestPorts } from "../support.ts";

let database: TestDatabase;
let ports: TestPorts;

beforeAll(async () => {
  database = await createTestDatabase();
  ports = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
});
afterAll(() => Promise.all([database.close(), ports.executor.close()]));

const ada = { tenant: "default", subject: "ada", correlationId: "test" };

describe("simulating a project", () => {
  test("estimates it whole from the estimates of a sample, and stores nothing", async () => {
    const tasks = [...Array.from({ length: 40 }, () => "simple" as const), "complex" as const];
    const { id: projectId } = await insertProject(database, { tasks });
    const simulation = await simulateProject(ports, ada, { projectId });
    expect(simulation).toMatchObject({
      project: { id: projectId },
      estimated: { tokens: 41_000, durationMs: 2_460_000, costUsd: 4.1 },
      strata: [
        { complexity: "simple", tasksTotal: 40, tasksSampled: 2, meanCostUsd: 0.1 },
        { complexity: "complex", tasksTotal: 1, tasksSampled: 1, meanCostUsd: 0.1 },
      ],
      tasksTotal: 41,
      tasksSampled: 3,
      requestedPct: 0.01,
      effectivePct: 3 / 41,
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

  test("says what to expect, where, how much that is worth, and what would make it better", async () => {
    const { id: projectId } = await insertProject(database, {
      tasks: Array.from({ length: 200 }, () => "simple" as const),
    });
    const { expected, intervals, ...simulation } = await simulateProject(ports, ada, { projectId });
    expect(expected.costUsd).toBeGreaterThan(intervals.costUsd.low);
    expect(expected.costUsd).toBeLessThan(intervals.costUsd.high);
    expect(simulation).toMatchObject({
      run: null,
      reliability: "low",
      tasksObserved: 0,
      echoCosMean: null,
      riskFactors: [{ laneId: 4200, issue: "no_history", samples: 0 }],
      recommendedSampleSize: recommendedSampleSize(simulation.taskCv),
    });
    expect(simulation.classicalInterval).toMatchObject({ low: expect.closeTo(20), high: expect.closeTo(20) });
  });

  test("has a canary rehearse the very sample, once per seed, and learns from what it came to", async () => {
    const pas = await startPas();
    const canaries = createTestPorts(database, { baseUrl: pas.baseUrl });
    try {
      const { id: projectId } = await insertProject(database, {
        tasks: Array.from({ length: 120 }, () => "simple" as const),
      });
      const call = { projectId, rehearsalPct: 0.1, seed: 5, executor: "canary" as const };
      const { run, tasksSampled } = await simulateProject(canaries, ada, call);
      const again = await simulateProject(canaries, ada, call);
      expect(run).toMatchObject({ kind: "rehearsal", status: "executing", rehearsalPct: 0.1, sampleSeed: 5 });
      expect(run?.tasksTotal).toBe(tasksSampled);
      expect(again.run?.id).toBe(run?.id);

      const tasks = await canaries.projects.allTasks(projectId);
      const rehearsed = stratifiedSample(tasks, { pct: 0.1, seed: 5 }).strata.flatMap(
        ({ sampled }) => sampled,
      );
      await recordReceipts(canaries, {
        messageId: `canary-${run?.id}`,
        executorRunId: run?.executorRunId ?? "",
        charges: rehearsed.map((task, index) => ({
          receiptId: `r-${index}`,
          taskId: task.id,
          laneId: task.laneId,
          provider: "gpt-4",
          tokens: 2000,
          durationMs: 120_000,
          costUsd: 0.2,
          echoCos: 0.9,
          status: "succeeded" as const,
          occurredAt: canaries.clock.now(),
        })),
      });
      const after = await simulateProject(canaries, ada, { projectId, rehearsalPct: 0.1, seed: 5 });
      expect(after).toMatchObject({
        tasksObserved: 12,
        echoCosMean: expect.closeTo(0.9),
        // Twelve tasks without a history could hide a tail, however alike they are.
        reliability: "low",
      });
      expect(after.estimated.costUsd).toBeCloseTo(24, 6);
      expect(after.expected.costUsd).toBeGreaterThan(20);
    } finally {
      await Promise.all([pas.close(), canaries.executor.close()]);
    }
  });

  test.each([-1, 2_147_483_648])("refuses %d as a seed", async (seed) => {
    const { id: projectId } = await insertProject(database);
    expect(await codeOf(simulateProject(ports, ada, { projectId, seed }))).toBe("BAD_USER_INPUT");
  });

  test("refuses what is not there", async () => {
    const { id: foreignId } = await insertProject(database, { tenant: "acme" });
    const { id: emptyId } = await insertProject(database, { tasks: [] });
    expect(await codeOf(simulateProject(ports, ada, { projectId: "777777" }))).toBe("NOT_FOUND");
    expect(await codeOf(simulateProject(ports, ada, { projectId: foreignId }))).toBe("NOT_FOUND");
    expect(await codeOf(simulateProject(ports, ada, { projectId: emptyId }))).toBe("CONFLICT");
  });
});
