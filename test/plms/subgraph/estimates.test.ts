import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ExecutionResult } from "graphql";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertRun, type InsertedRun } from "../fixtures.ts";
import { ask, identity, postWebhook, receipt, startPlms, tellManager, type RunningPlms } from "../support.ts";

let database: TestDatabase;
let plms: RunningPlms;

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database);
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

const asManager = <T>(query: string, variables?: Record<string, unknown>) =>
  tellManager<T>(plms, query, variables);

/** A run whose tasks cost one and a half times their estimates, completed by the executor's webhooks. */
async function completedRun(): Promise<InsertedRun> {
  const run = await insertRun(database, {}, { tasks: ["simple", "simple", "simple", "complex"] });
  await postWebhook(`${plms.url}/webhooks/pas/receipts`, {
    run_id: run.executorRunId,
    receipts: run.taskIds.map((task_id, index) =>
      receipt({ task_id, tokens: 1500, duration_ms: 90_000, cost_usd: 0.14 + index / 100 }),
    ),
  });
  await postWebhook(`${plms.url}/webhooks/pas/completion`, {
    project_id: run.projectId,
    run_id: run.executorRunId,
    validation_pass: true,
  });
  return run;
}

const PRIORS = `query ($laneId: Int, $provider: String) { lanePriors(laneId: $laneId, provider: $provider) {
  lane { id } provider source observations factoryWeight
  tokens { mean stddev interval { low high level } mae maePct ratio taskCv observedCoverage { hits of } } } }`;

describe("a completed run", () => {
  let run: InsertedRun;
  beforeAll(async () => {
    run = await completedRun();
    await vi.waitFor(
      async () => {
        const asked = { laneId: 4200, provider: "gpt-4" };
        const { lanePriors } = await asManager<{ lanePriors: { source: string }[] }>(PRIORS, asked);
        if (lanePriors[0]?.source !== "LANE_PROVIDER") throw new Error("nothing learnt yet");
      },
      { timeout: 30_000, interval: 100 },
    );
  });

  test("teaches the priors of its lane and provider in the background, and others fall back on it", async () => {
    const { lanePriors } = await asManager<{ lanePriors: unknown[] }>(PRIORS, {
      laneId: 4200,
      provider: "other",
    });
    expect(lanePriors).toEqual([
      {
        lane: { id: 4200 },
        provider: "other",
        source: "LANE",
        observations: 1,
        factoryWeight: 0.7,
        tokens: {
          mean: expect.closeTo(0.7 * 3000 + 0.3 * 1500),
          stddev: expect.any(Number),
          interval: { low: expect.any(Number), high: expect.any(Number), level: 0.9 },
          mae: 1500,
          maePct: expect.closeTo(1500 / 2550),
          ratio: expect.closeTo(Math.exp(0.7 * (-Math.log(1.09) / 2) + 0.3 * Math.log(1.5))),
          taskCv: 0,
          observedCoverage: { hits: 1, of: 1 },
        },
      },
    ]);
    expect(await asManager("{ verifyPriors { checked different } }")).toEqual({
      verifyPriors: { checked: 3, different: 0 },
    });
  });

  test("is compared with its estimates, with and without intervals", async () => {
    const query = `query ($id: ID!, $with: Boolean) { project(id: $id) { metrics(withIntervals: $with) {
      run { id } estimated { tokens durationMs costUsd intervals { tokens { low high } } } actual { tokens durationMs costUsd }
      accuracy { tokenErrorPct timeErrorPct costErrorPct tokensInInterval } calibration { lane { id } maeTokens maePct } } } }`;
    const metrics = async (withIntervals: boolean) =>
      (await asManager<{ project: { metrics: object } }>(query, { id: run.projectId, with: withIntervals }))
        .project.metrics;
    expect(await metrics(true)).toEqual({
      run: { id: run.id },
      estimated: {
        tokens: 4000,
        durationMs: 240_000,
        costUsd: 0.4,
        intervals: { tokens: { low: expect.any(Number), high: expect.any(Number) } },
      },
      actual: { tokens: 6000, durationMs: 360_000, costUsd: 0.62 },
      accuracy: {
        tokenErrorPct: 50,
        timeErrorPct: 50,
        costErrorPct: expect.closeTo(55),
        tokensInInterval: expect.any(Boolean),
      },
      calibration: [{ lane: { id: 4200 }, maeTokens: 1500, maePct: expect.closeTo(58.8, 0) }],
    });
    expect(await metrics(false)).toMatchObject({
      estimated: { intervals: null },
      accuracy: { tokensInInterval: null },
      calibration: null,
    });
  });

  test("adds a version to the history of its lane and provider, and to none that others stand in for", async () => {
    const query = `query ($laneId: Int, $provider: String) { lanePriors(laneId: $laneId, provider: $provider) { source
      history(last: 1) { observations sourceRun { id } tokens { mean mae } costUsd { stddev } hash } } }`;
    const version = {
      observations: 1,
      sourceRun: { id: run.id },
      tokens: { mean: expect.closeTo(0.7 * 3000 + 0.3 * 1500), mae: 1500 },
      costUsd: { stddev: expect.any(Number) },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    };
    const asked = [
      [{ laneId: 4200, provider: "gpt-4" }, "LANE_PROVIDER", [version]],
      [{ laneId: 4200 }, "LANE", [version]],
      [{ provider: "gpt-4" }, "PROVIDER", [version]],
      [{ laneId: 4200, provider: "other" }, "LANE", []],
    ] as const;
    for (const [of, source, history] of asked)
      expect(await asManager(query, of)).toEqual({ lanePriors: [{ source, history }] });
  });

  test("shows in the drift of its provider, and in none of another", async () => {
    const query = `query ($id: ID!, $provider: String) { project(id: $id) {
      estimationDrift(laneId: 4200, provider: $provider) { provider points { ratio } } } }`;
    const driftOf = async (provider: string | null) =>
      (await asManager<{ project: { estimationDrift: object } }>(query, { id: run.projectId, provider }))
        .project.estimationDrift;
    expect(await driftOf("gpt-4")).toEqual({ provider: "gpt-4", points: [{ ratio: expect.closeTo(1.5) }] });
    expect(await driftOf("other")).toEqual({ provider: "other", points: [] });
    expect(await driftOf(null)).toEqual({ provider: null, points: [{ ratio: expect.closeTo(1.5) }] });
  });

  test("shows in the heatmap and in the drift of its lane", async () => {
    const query = `query ($id: ID!) { project(id: $id) {
      riskHeatmap { lanes { lane { id } estimationRisk executionRisk validationRisk lowConfidence openTasks weight
        signals { maePct ciWidthPct overrunShare kpiFailureRate } } legend { mae ciWidth share } }
      estimationDrift(laneId: 4200) { trend robustTrend isDrifting points { projectId ratio maePct } } } }`;
    const { project } = await asManager<{ project: object }>(query, { id: run.projectId });
    expect(project).toEqual({
      riskHeatmap: {
        lanes: [
          {
            lane: { id: 4200 },
            estimationRisk: "HIGH",
            executionRisk: "HIGH",
            validationRisk: "NONE",
            lowConfidence: true,
            openTasks: 0,
            weight: 0,
            signals: {
              maePct: expect.closeTo(1500 / 2550),
              ciWidthPct: expect.any(Number),
              overrunShare: 1,
              kpiFailureRate: null,
            },
          },
        ],
        legend: { mae: [0.15, 0.3], ciWidth: [0.3, 0.5], share: [0.15, 0.3] },
      },
      estimationDrift: {
        trend: "STABLE",
        robustTrend: "INSUFFICIENT_DATA",
        isDrifting: expect.any(Boolean),
        points: [{ projectId: run.projectId, ratio: expect.closeTo(1.5), maePct: expect.closeTo(0.5) }],
      },
    });
  });
});

describe("budgets", () => {
  test("are changed by managers alone, and alerts reach their watchers", async () => {
    const run = await insertRun(database, {}, { usdMax: 0.2 });
    const alerts = plms.endpoint.subscribe({
      query:
        "subscription ($id: ID) { projectAlert(projectId: $id) { kind severity state subject message } }",
      variables: { id: run.projectId },
      caller: { identity: identity(), correlationId: "test" },
    });
    const next = alerts.next();
    await postWebhook(`${plms.url}/webhooks/pas/receipts`, {
      run_id: run.executorRunId,
      receipts: [receipt({ task_id: run.taskIds[0], cost_usd: 0.25 })],
    });
    const { value } = (await next) as { value: ExecutionResult };
    expect(value.data?.["projectAlert"]).toMatchObject({
      severity: "CRITICAL",
      state: "FIRING",
      subject: `project:${run.projectId}`,
    });
    await alerts.return?.();
    const kinds = async () =>
      (await asManager<{ alerts: { kind: string }[] }>("{ alerts(state: FIRING) { kind } }")).alerts;
    await expect.poll(kinds, { timeout: 30_000 }).toContainEqual({ kind: "BUDGET_EXHAUSTED" });

    const raise = `mutation ($id: ID!) { updateProjectBudget(projectId: $id, usdMax: 20) { __typename
      ... on UpdateBudgetSuccess { project { budget { usdMax } } resumedRuns { id } } } }`;
    const refused = await ask(plms, raise, { id: run.projectId });
    expect(refused.errors?.[0]?.extensions["code"]).toBe("FORBIDDEN");
    expect(await asManager(raise, { id: run.projectId })).toEqual({
      updateProjectBudget: {
        __typename: "UpdateBudgetSuccess",
        project: { budget: { usdMax: 20 } },
        resumedRuns: [],
      },
    });
  });

  test("show their windows, what is committed, and the probability of an overrun", async () => {
    const run = await insertRun(
      database,
      {},
      { usdMax: 0.5, tasks: Array.from({ length: 6 }, () => "simple" as const) },
    );
    await postWebhook(`${plms.url}/webhooks/pas/receipts`, {
      run_id: run.executorRunId,
      receipts: run.taskIds.slice(0, 3).map((task_id) => receipt({ task_id, cost_usd: 0.1 })),
    });
    const query = `query ($id: ID!) { project(id: $id) { budgetRunway { status reason warnings minutesToDepletion
      depletionInterval { low high } projectedCostInterval { low high } projectedCostUsd overrunProbability
      budget { usdSpent usdCommitted burnPerMin burnInterval { low high } windows { minutes usdPerMin effectiveEvents } } } } }`;
    const { project } = await asManager<{ project: { budgetRunway: Record<string, unknown> } }>(query, {
      id: run.projectId,
    });
    expect(project.budgetRunway).toMatchObject({
      overrunProbability: expect.any(Number),
      budget: {
        usdSpent: 0.3,
        usdCommitted: expect.any(Number),
        windows: [5, 15, 60].map((minutes) => ({ minutes, effectiveEvents: expect.closeTo(3, 6) })),
      },
    });
  });
});

test("riskHeatmap starts with the current heatmap and follows the project", async () => {
  const run = await insertRun(database);
  const heatmaps = plms.endpoint.subscribe({
    query: "subscription ($id: ID!) { riskHeatmap(projectId: $id) { lanes { openTasks } } }",
    variables: { id: run.projectId },
    caller: { identity: identity(), correlationId: "test" },
  });
  const openTasks = async () =>
    (
      (await heatmaps.next()) as {
        value: ExecutionResult<{ riskHeatmap: { lanes: { openTasks: number }[] } }>;
      }
    ).value.data?.riskHeatmap.lanes[0]?.openTasks;
  expect(await openTasks()).toBe(2);
  await postWebhook(`${plms.url}/webhooks/pas/receipts`, {
    run_id: run.executorRunId,
    receipts: [receipt({ task_id: run.taskIds[0] })],
  });
  expect(await openTasks()).toBe(1);
  await heatmaps.return?.();
});

describe("a run that taught nothing", () => {
  test("is listed with its reason, newest first", async () => {
    const withoutReceipts = await insertRun(database, {}, { tasks: ["simple"] });
    await postWebhook(`${plms.url}/webhooks/pas/completion`, {
      project_id: withoutReceipts.projectId,
      run_id: withoutReceipts.executorRunId,
      validation_pass: true,
    });
    const cancelled = await insertRun(database, { status: "cancelled" }, { tasks: ["simple"] });
    const { verifyPriors } = await asManager<{ verifyPriors: { unlearnt: object[] } }>(
      "{ verifyPriors { unlearnt { run { id status project { id } } reason } } }",
    );
    const reason = "It waits to be validated, or for its last receipts";
    expect(verifyPriors.unlearnt).toEqual([
      { run: { id: cancelled.id, status: "CANCELLED", project: { id: cancelled.projectId } }, reason },
      {
        run: { id: withoutReceipts.id, status: "COMPLETED", project: { id: withoutReceipts.projectId } },
        reason,
      },
    ]);
  });
});
