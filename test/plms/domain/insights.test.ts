import { describe, expect, test } from "vitest";
import { factoryPrior, learn, type Prior } from "../../../subgraphs/plms/domain/prior.ts";
import { driftOf, limitMultiple, trendOf, type DriftRun } from "../../../subgraphs/plms/domain/drift.ts";
import { reliabilityOfPrior, viewOf } from "../../../subgraphs/plms/domain/prior-view.ts";
import { accuracyOf, estimatedFigures, totalOf } from "../../../subgraphs/plms/domain/project-metrics.ts";
import { estimationRisk, laneRisk, type LaneFacts } from "../../../subgraphs/plms/domain/risk.ts";
import { NO_MOMENTS } from "../../../subgraphs/plms/domain/statistics/moments.ts";
import { FACTORY_TASKS } from "../../../subgraphs/plms/domain/task-belief.ts";

const observation = (perTask: number) => {
  const metric = { perTask, logRatio: Math.log(perTask / 3000), tasks: NO_MOMENTS };
  return { tokens: metric, durationMs: metric, costUsd: metric };
};
const priorAfter = (runs: readonly number[]): Prior =>
  runs.reduce((prior, tokens) => learn(prior, observation(tokens)).prior, factoryPrior());

describe("the risk of an estimate", () => {
  test.each([
    [0.12, 0.28, "low"],
    [0.15, 0.28, "medium"],
    [0.12, 0.3, "medium"],
    [0.3, 0.5, "medium"],
    [0.37, 0.55, "high"],
    [0.31, 0.1, "high"],
    [0.1, 0.51, "high"],
  ])("with an error of %d and a width of %d is %s", (mae, width, level) => {
    expect(estimationRisk(mae, width)).toBe(level);
  });
});

describe("a lane of the heatmap", () => {
  const facts = (changes: Partial<LaneFacts> = {}): LaneFacts => ({
    laneId: 4200,
    openTasks: 5,
    weight: 1,
    tasksDone: 10,
    tasksOverrun: 0,
    kpisMeasured: 10,
    kpisFailed: 0,
    ...changes,
  });
  const factory = { source: "factory" as const, prior: factoryPrior() };

  test("that nobody knows is of high estimation risk and low confidence: ± 30 % makes a width of 0.68", () => {
    const risk = laneRisk(facts(), factory);
    expect(risk).toMatchObject({
      estimationRisk: "high",
      isLowConfidence: true,
      maePct: null,
      source: "factory",
    });
    expect(risk.ciWidthPct).toBeCloseTo(0.678, 3);
  });

  test("is judged by its overrun tasks and its failed KPIs", () => {
    const judged = (changes: Partial<LaneFacts>) => {
      const { executionRisk, validationRisk } = laneRisk(facts(changes), factory);
      return [executionRisk, validationRisk];
    };
    expect(judged({})).toEqual(["low", "low"]);
    expect(judged({ tasksOverrun: 2, kpisFailed: 3 })).toEqual(["medium", "medium"]);
    expect(judged({ tasksOverrun: 4, kpisFailed: 4 })).toEqual(["high", "high"]);
    expect(judged({ openTasks: 0, tasksDone: 0, kpisMeasured: 0 })).toEqual(["none", "none"]);
  });

  test("without charged tasks is judged by the probability of an overrun", () => {
    const { overrunShare } = laneRisk(facts({ tasksDone: 0 }), factory);
    expect(overrunShare).toBeGreaterThan(0.15);
    expect(overrunShare).toBeLessThan(0.35);
  });

  test("whose runs come in as estimated becomes trusted", () => {
    const settled = { source: "lane" as const, prior: priorAfter(Array.from({ length: 15 }, () => 3000)) };
    expect(laneRisk(facts(), settled)).toMatchObject({
      estimationRisk: "low",
      isLowConfidence: false,
      observations: 15,
    });
  });
});

describe("estimation drift", () => {
  const runs = (...ratios: number[]): DriftRun[] =>
    ratios.map((ratio, index) => ({
      runId: String(index),
      projectId: String(index),
      completedAt: new Date(index),
      logRatio: Math.log(ratio),
    }));

  test.each([
    [1, 0.9],
    [2, 1.099],
    [3, 1.184],
    [4, 1.223],
    [5, 1.242],
    [1e6, 1.26],
  ])("has limits of so many sigmas after %d runs: %d", (t, multiple) => {
    expect(limitMultiple(t)).toBeCloseTo(multiple, 3);
  });

  test.each([
    [[0.3, 0.25, 0.2, 0.15], "improving"],
    [[0.1, 0.15, 0.2, 0.25], "degrading"],
    [[0.2, 0.205, 0.195, 0.2], "stable"],
    [[0.9, 0.1], "stable"],
    [[], "stable"],
  ])("of errors like %j is %s", (errors, trend) => {
    expect(trendOf(errors).trend).toBe(trend);
  });

  test("shows each run with its error, its smoothed ratio and the limits", () => {
    const { points, trend, robustTrend } = driftOf(runs(1.5, 1.4, 1.3, 1.2, 1.1));
    expect(points.map(({ maePct }) => maePct)).toEqual(
      [0.5, 0.4, 0.3, 0.2, 0.1].map((n) => expect.closeTo(n, 9)),
    );
    expect(points[0]?.z).toBeCloseTo(0.3 * Math.log(1.5), 12);
    expect([trend, robustTrend]).toEqual(["improving", "improving"]);
  });

  test("is noticed when the newest run leaves the limits", () => {
    expect(driftOf(runs(2, 2.02, 2.01, 1.99, 2)).isDrifting).toBe(true);
    expect(driftOf(runs(1, 1.3, 0.8, 1.1, 0.9)).isDrifting).toBe(false);
    expect(driftOf([])).toMatchObject({ points: [], isDrifting: false, robustTrend: "insufficient_data" });
  });
});

describe("a prior as people read it", () => {
  test("before the first run is the factory's, with 1519.5 to 4480.5 by the normal and wider by the t", () => {
    const { tokens, ...view } = viewOf(
      { laneId: 4200, provider: null },
      { source: "factory", prior: factoryPrior() },
      { alpha: 0.3, experience: undefined },
    );
    expect(view).toMatchObject({ source: "factory", observations: 0, factoryWeight: 1 });
    expect(tokens).toMatchObject({
      mean: 3000,
      mae: null,
      maePct: null,
      observedCoverage: null,
      taskCv: null,
    });
    expect(tokens.stddev).toBeCloseTo(900, 9);
    expect(tokens.interval.low).toBeLessThan(1519.5);
    expect(tokens.interval.high).toBeGreaterThan(4480.5);
  });

  test("says how often it was right", () => {
    const prior = priorAfter(Array.from({ length: 10 }, () => 3100));
    const { tokens, factoryWeight } = viewOf(
      { laneId: 4200, provider: "gpt-4" },
      { source: "lane_provider", prior },
      { alpha: 0.3, experience: undefined },
    );
    expect(tokens.observedCoverage).toMatchObject({ hits: 10, of: 10, share: 1 });
    expect(tokens.observedCoverage?.interval.low).toBeGreaterThan(0.7);
    expect(factoryWeight).toBeCloseTo(0.7 ** 10, 12);
  });
});

describe("metrics of a project", () => {
  const effort = (tokens: number) => ({ tokens, durationMs: tokens * 100, costUsd: tokens / 10_000 });
  const lanes = [
    {
      laneId: 1,
      estimated: effort(1000),
      estimatedSquared: effort(100_000),
      actual: effort(1200),
      learntLogRatio: effort(0),
    },
    {
      laneId: 2,
      estimated: effort(3000),
      estimatedSquared: effort(900_000),
      actual: effort(2000),
      learntLogRatio: effort(0),
    },
  ];

  test("compare the sums of estimates and receipts, in percent", () => {
    const estimated = estimatedFigures(lanes, undefined);
    expect(estimated).toMatchObject({ tokens: 4000, intervals: null });
    expect(accuracyOf(estimated, totalOf(lanes, "actual"))).toEqual({
      errorPct: { tokens: expect.closeTo(20), durationMs: expect.closeTo(20), costUsd: expect.closeTo(20) },
      isInside: null,
    });
  });

  test("say whether the actual is inside what was expected", () => {
    const estimated = estimatedFigures(lanes, () => FACTORY_TASKS);
    expect(accuracyOf(estimated, totalOf(lanes, "actual")).isInside).toMatchObject({ tokens: true });
    expect(accuracyOf(estimated, effort(90_000)).isInside).toMatchObject({ tokens: false });
  });

  test("have no percentage of nothing", () => {
    expect(accuracyOf(estimatedFigures([], undefined), effort(5)).errorPct.tokens).toBeNull();
  });

  test.each([
    ["before the third run", [true, true], "low"],
    ["when it held", Array.from({ length: 10 }, () => true), "medium"],
    ["when it has held for long", Array.from({ length: 19 }, () => true), "high"],
    ["when it failed too often", Array.from({ length: 20 }, (_, n) => n % 2 === 0), "low"],
  ])("says what its interval is worth: %s", (_case, hits, expected) => {
    expect(reliabilityOfPrior({ hits })).toBe(expected);
  });
});
