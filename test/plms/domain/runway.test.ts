import { describe, expect, test } from "vitest";
import type { ProjectLedger } from "../../../subgraphs/plms/domain/budget-ledger.ts";
import { runwayOf } from "../../../subgraphs/plms/domain/runway.ts";
import { crossings } from "../../../subgraphs/plms/domain/budget-alerts.ts";
import type { Reliability } from "../../../subgraphs/plms/domain/reliability.ts";
import {
  DEFAULT_ALARMS,
  statusFor,
  type RunwayStatus,
} from "../../../subgraphs/plms/domain/runway-status.ts";
import { FACTORY_TASKS } from "../../../subgraphs/plms/domain/task-belief.ts";
import { CERTAIN, charges, done, lane, ledger, MINUTE_MS, NOW_MS, run, runway } from "./ledgers.ts";

/** An answer with this probability of an overrun, and whatever else. */
const at = (
  overrunProbability: number,
  reliability: Reliability = "medium",
  standing: RunwayStatus | null = null,
) =>
  statusFor({ usdMax: 100, usdSpent: 1, overrunProbability, reliability, alarms: DEFAULT_ALARMS }, standing);

describe("status", () => {
  test.each([
    [0, "ok"],
    [0.34, "ok"],
    [0.35, "warning"],
    [0.75, "warning"],
    [0.76, "critical"],
    [1, "critical"],
  ] as const)("with a probability of an overrun of %d is %s", (probability, status) => {
    expect(at(probability)).toBe(status);
  });

  test("needs more to be critical while little is known", () => {
    expect(at(0.91, "low")).toBe("warning");
    expect(at(0.92, "low")).toBe("critical");
  });

  test("follows the thresholds of its project, in the same proportions", () => {
    const careful = { warningAt: 0.2, criticalAt: 0.4 };
    const found = (
      overrunProbability: number,
      reliability: Reliability = "medium",
      standing: RunwayStatus | null = null,
    ) => statusFor({ usdMax: 1, usdSpent: 0.1, overrunProbability, reliability, alarms: careful }, standing);
    expect([found(0.19), found(0.2), found(0.4)]).toEqual(["ok", "warning", "critical"]);
    expect([found(0.79, "low"), found(0.81, "low")]).toEqual(["warning", "critical"]);
    expect([found(0.21, "low", "critical"), found(0.04, "low", "critical")]).toEqual(["critical", "ok"]);
  });

  test("does not flicker on the edge: it stays until the probability is well below", () => {
    expect(at(0.57, "medium", "critical")).toBe("critical");
    expect(at(0.55, "medium", "critical")).toBe("warning");
    expect(at(0.21, "medium", "warning")).toBe("warning");
    expect(at(0.19, "medium", "critical")).toBe("ok");
  });

  test("is fine with a few minutes left when the work is done by then", () => {
    const landing = runway({
      usdMax: 1002,
      usdSpent: 1000,
      lanes: [lane(10.5, { tasks: 21, estimatedUsdSquared: 5.25 })],
      runs: [run({ startedAtMs: NOW_MS - 600 * MINUTE_MS, lanes: [{ ...done(10), tasks: 20 }] })],
    });
    expect(landing.minutesToDepletion).toBeLessThan(3);
    expect(landing).toMatchObject({ status: "ok", overrunProbability: 0 });
    expect(crossings(landing, { tokensMax: null, tokensSpent: 0 })).toEqual([]);
  });

  test("is critical once everything is spent, even without an overrun", () => {
    expect(runway({ usdMax: 100, usdSpent: 100 })).toMatchObject({
      status: "critical",
      reason: "over_budget",
      minutesToDepletion: 0,
      projectedOverrunUsd: 0,
    });
  });
});

describe("projected cost", () => {
  test("is the sum of the estimates before anything is charged", () => {
    expect(runway({ lanes: [lane(40)], runs: [] }).projectedCostUsd).toBe(40);
  });

  test("scales the open tasks by how the finished ones compared to their estimates", () => {
    const half = {
      lanes: [lane(40, { tasks: 2, estimatedUsdSquared: 800 })],
      usdSpent: 30,
      runs: [run({ lanes: [done(20, 1.5)] })],
    };
    expect(runway(half).projectedCostUsd).toBeCloseTo(60, 3);
  });

  test("of a finished project is what it cost", () => {
    const finished = {
      lanes: [lane(40, { tasks: 2 })],
      usdSpent: 30,
      runs: [run({ status: "completed", lanes: [done(20, 1.5)] })],
    };
    expect(runway(finished)).toMatchObject({
      projectedCostUsd: 30,
      projectedCostInterval: { low: 30, high: 30, level: 0.9 },
      overrunProbability: 0,
    });
  });

  test("leaves all the work to do after a rehearsal, at the rehearsal's prices", () => {
    const rehearsing = {
      lanes: [lane(40)],
      usdSpent: 2,
      runs: [run({ kind: "rehearsal", lanes: [done(1, 2)] })],
    };
    expect(runway(rehearsing).projectedCostUsd).toBeCloseTo(82, 3);
    expect(runway({ lanes: [lane(40)], usdSpent: 2, runs: [] })).toMatchObject({
      projectedCostUsd: 42,
      reason: "not_started",
    });
  });

  test("has an interval around its median and a probability of an overrun that falls with the budget", () => {
    const open = { lanes: [lane(40, { tasks: 20, estimatedUsdSquared: 80 })], runs: [] };
    const at = (usdMax: number) => runway({ ...open, usdMax }, () => FACTORY_TASKS);
    const { projectedCostUsd, projectedCostInterval } = at(40);
    expect(projectedCostInterval.low).toBeLessThan(projectedCostUsd);
    expect(projectedCostInterval.high).toBeGreaterThan(projectedCostUsd);
    const [tight = 0, even = 0, ample = 0] = [20, 40, 90].map((usd) => at(usd).overrunProbability ?? 0);
    expect(tight).toBeGreaterThan(0.9);
    expect(even).toBeGreaterThan(0.3);
    expect(ample).toBeLessThan(0.1);
  });
});

describe("figures that are missing say why", () => {
  test.each<[string, Partial<ProjectLedger>, object]>([
    [
      "no run yet",
      { runs: [] },
      { reason: "not_started", minutesToDepletion: null, burnPerMin: 0, status: "ok" },
    ],
    [
      "no run yet, estimates over the budget",
      { runs: [], lanes: [lane(150)] },
      { reason: "not_started", status: "critical", projectedOverrunUsd: 50 },
    ],
    [
      "no receipt yet",
      { runs: [run({ receipts: 0, slices: [], burn: { usd: 0, atMs: null } })] },
      { reason: "no_data", minutesToDepletion: null, status: "ok" },
    ],
    [
      "only free receipts",
      { runs: [run({ burn: { usd: 0, atMs: NOW_MS } })] },
      { reason: "zero_burn", minutesToDepletion: null },
    ],
    [
      "an hour of silence",
      { runs: [run({ burn: { usd: 1, atMs: NOW_MS - 61 * MINUTE_MS } })] },
      { reason: "zero_burn", minutesToDepletion: null },
    ],
    [
      "more refunded than spent",
      { usdSpent: -5, runs: [run({ burn: { usd: -5, atMs: NOW_MS } })] },
      { reason: "zero_burn", burnPerMin: 0, minutesToDepletion: null },
    ],
    [
      "more spent than allowed",
      { usdSpent: 130 },
      { reason: "over_budget", minutesToDepletion: 0, projectedOverrunUsd: 30, status: "critical" },
    ],
    [
      "no budget",
      { usdMax: null, usdSpent: 5 },
      { reason: "no_budget", status: "unknown", minutesToDepletion: null, projectedOverrunUsd: null },
    ],
    [
      "a budget of nothing, unspent",
      { usdMax: 0, runs: [] },
      { reason: "not_started", minutesToDepletion: null, status: "ok", projectedOverrunUsd: 0 },
    ],
    [
      "a budget of nothing, work ahead",
      { usdMax: 0, lanes: [lane(3)], runs: [] },
      { minutesToDepletion: null, status: "critical", projectedOverrunUsd: 3 },
    ],
    [
      "a budget of nothing, spent",
      { usdMax: 0, usdSpent: 1 },
      { reason: "over_budget", minutesToDepletion: 0, status: "critical", projectedOverrunUsd: 1 },
    ],
    [
      "paused",
      { runs: [run({ status: "paused" })] },
      { reason: "paused", minutesToDepletion: null, burnPerMin: 0 },
    ],
    [
      "finished",
      { usdSpent: 50, runs: [run({ status: "completed" })] },
      { reason: "finished", minutesToDepletion: null, burnPerMin: 0, status: "ok" },
    ],
    [
      "finished over the budget",
      { usdSpent: 130, runs: [run({ status: "completed" })] },
      { reason: "finished", minutesToDepletion: null, status: "critical", projectedOverrunUsd: 30 },
    ],
    [
      "two charges in the last hour",
      { runs: [run({ slices: charges(2) })] },
      { reason: "low_confidence", minutesToDepletion: expect.closeTo(100, 6) },
    ],
  ])("%s", (_case, changes, expected) => {
    expect(runway(changes)).toMatchObject(expected);
  });

  test("a burn is shown even when there is no budget to compare it with", () => {
    expect(runway({ usdMax: null }).burnPerMin).toBeCloseTo(1, 6);
  });
});

describe("value", () => {
  test("moves by itself only while something is executing", () => {
    expect(runway().isMoving).toBe(true);
    expect(runway({ runs: [run({ status: "paused" })] }).isMoving).toBe(false);
  });

  test("has a version that tells changes and moments apart", () => {
    const versions = [
      runway(),
      runway({ revision: 2 }),
      runwayOf(ledger(), { nowMs: NOW_MS + 1, beliefOf: () => CERTAIN }),
    ].map(({ version }) => version);
    expect(new Set(versions).size).toBe(3);
    expect(runway().version).toBe(runway().version);
  });
});
