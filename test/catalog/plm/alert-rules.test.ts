import { describe, expect, test } from "vitest";
import { alertSteps, type Signals } from "../../../subgraphs/catalog/plm/domain/alerts.ts";
import { bucketOf, quantileMs, upperEdgeMs } from "../../../subgraphs/catalog/plm/domain/measures.ts";
import { isMaintenance, parseMaintenanceWindow } from "../../../subgraphs/catalog/plm/domain/maintenance.ts";
import { judgeMigration, type GateEvidence } from "../../../subgraphs/catalog/plm/domain/migration-gate.ts";
import {
  healthStatus,
  statisticsOf,
  type CountedTotal,
} from "../../../subgraphs/catalog/plm/domain/health.ts";

const total = (metric: string, label: string, count: number): CountedTotal => ({ metric, label, count });
const calls = (ok: number, failed: number, reason = "UNAVAILABLE") =>
  statisticsOf([total("call", "OK", ok), total("call", reason, failed)]);
const latency = (ms: number, count: number) =>
  statisticsOf([total("call", "OK", count), total("latency", String(bucketOf(ms)), count)]);
const none = statisticsOf([]);
const quiet: Signals = {
  mode: "ENABLED",
  isMaintenance: false,
  last5Minutes: none,
  last10Minutes: none,
  last15Minutes: none,
  usualOrders: none.orders,
  circuitOpenMinutes: 0,
  confirmedCritical: 0,
  observedMinutes: 15,
  silentMinutes: 0,
  failuresSinceSuccess: 0,
  rejectedRecords: 0,
};
const comparisons = (same: number, different: number) =>
  statisticsOf([total("comparison", "SAME", same), total("comparison", "DIFFERENT", different)]);
const orders = (ok: number, refused: number) =>
  statisticsOf([total("order", "OK", ok), total("order", "PLM_UNAVAILABLE", refused)]);
const usual = (wanted: number, refused: number) => ({ usualOrders: { wanted, refused } });
const stepsOf = (signals: Partial<Signals>, firing: string[] = []) =>
  alertSteps({ ...quiet, ...signals }, new Set(firing)).map((step) => `${step.do} ${step.rule.kind}`);

describe("an alert", () => {
  test.each([
    ["below 99 % of at least 100 calls", { last5Minutes: calls(98, 2) }, "RAISE PLM_AVAILABILITY"],
    ["P95 above 500 ms", { last5Minutes: latency(600, 50) }, "RAISE PLM_LATENCY_P95"],
    [
      "more than 5 % of 200 comparisons differ",
      { last15Minutes: comparisons(188, 12) },
      "RAISE SHADOW_DIFF_RATE",
    ],
    [
      "few comparisons, but surely more than 5 %",
      { last15Minutes: comparisons(5, 5) },
      "RAISE SHADOW_DIFF_RATE",
    ],
    ["the circuit is open for more than 5 minutes", { circuitOpenMinutes: 5.1 }, "RAISE CIRCUIT_OPEN"],
    [
      "three refusals of our credentials",
      { last5Minutes: calls(0, 3, "AUTH_FAILED") },
      "RAISE AUTH_FAILURES",
    ],
    [
      "more than 10 % of 100 calls in 15 minutes fail",
      { last15Minutes: calls(89, 11) },
      "RAISE RB_ERROR_RATE",
    ],
    ["P95 above 2 s", { last5Minutes: latency(2_500, 50) }, "RAISE RB_LATENCY"],
    [
      "three failures of few calls, surely more than 1 %",
      { last5Minutes: calls(2, 3) },
      "RAISE PLM_AVAILABILITY",
    ],
    [
      "five minutes without a success on a quiet site",
      { silentMinutes: 5, failuresSinceSuccess: 5 },
      "RAISE PLM_AVAILABILITY",
    ],
    [
      "15 minutes without a success on a quiet site",
      { silentMinutes: 15, failuresSinceSuccess: 15 },
      "RAISE RB_ERROR_RATE",
    ],
    [
      "every other call of a quarter of an hour failing at one a minute",
      { last15Minutes: calls(8, 7), observedMinutes: 15 },
      "RAISE RB_ERROR_RATE",
    ],
    ["most of a few calls slow", { last5Minutes: latency(600, 10) }, "RAISE PLM_LATENCY_P95"],
    ["a record that cannot be taken", { rejectedRecords: 1 }, "RAISE PLM_BAD_RECORDS"],
    ["a critical difference seen twice", { confirmedCritical: 1 }, "RAISE RB_INTEGRITY"],
    [
      "three reports",
      { last15Minutes: statisticsOf([total("issue", "REPORTED", 3)]) },
      "RAISE RB_USER_ERRORS",
    ],
    [
      "three times as many refused orders as usual",
      { last15Minutes: orders(17, 3), ...usual(200, 10) },
      "RAISE RB_USER_ERRORS",
    ],
    [
      "a few refused orders where nothing was ever refused",
      { last15Minutes: orders(57, 3), ...usual(200, 0) },
      "RAISE RB_USER_ERRORS",
    ],
  ])("fires with %s", (_why, signals, expected) => {
    expect(stepsOf(signals)).toContain(expected);
  });

  test.each([
    ["two failures of few calls", { last5Minutes: calls(0, 2) }],
    ["silence of which little was heard", { silentMinutes: 20, failuresSinceSuccess: 2 }],
    ["exactly 99 %", { last5Minutes: calls(99, 1) }],
    ["too few slow calls", { last5Minutes: latency(600, 9) }],
    ["a few differences in a few comparisons", { last15Minutes: comparisons(18, 2) }],
    ["five minutes of an open circuit", { circuitOpenMinutes: 5 }],
    ["two refusals", { last5Minutes: calls(1, 2, "AUTH_FAILED") }],
    ["exactly 10 %", { last15Minutes: calls(90, 10) }],
    ["twice as many refused orders as usual", { last15Minutes: orders(18, 2), ...usual(200, 10) }],
    ["many refused orders of few", { last15Minutes: orders(14, 5), ...usual(200, 0) }],
    ["refused orders while nobody knows what is usual", { last15Minutes: orders(10, 10), ...usual(99, 0) }],
  ])("does not fire with %s", (_why, signals) => {
    expect(stepsOf(signals)).toEqual([]);
  });

  test("does not fire twice, and is over only well on the good side", () => {
    const firing = ["PLM_AVAILABILITY"];
    expect(stepsOf({ last5Minutes: calls(98, 2), last10Minutes: calls(98, 2) }, firing)).toEqual([]);
    expect(stepsOf({ last5Minutes: calls(992, 8), last10Minutes: calls(992, 8) }, firing)).toEqual([]);
    expect(stepsOf({ last10Minutes: calls(996, 4) }, firing)).toEqual(["RESOLVE PLM_AVAILABILITY"]);
    expect(stepsOf({ last5Minutes: latency(470, 50) }, ["PLM_LATENCY_P95"])).toEqual([]);
    expect(stepsOf({ last5Minutes: latency(300, 50) }, ["PLM_LATENCY_P95"])).toEqual([
      "RESOLVE PLM_LATENCY_P95",
    ]);
  });

  test("about refused orders is over when fewer than twice as many are refused as usual", () => {
    const firing = ["RB_USER_ERRORS"];
    expect(stepsOf({ last15Minutes: orders(17, 3), ...usual(200, 15) }, firing)).toEqual([]);
    expect(stepsOf({ last15Minutes: orders(30, 3), ...usual(200, 20) }, firing)).toEqual([
      "RESOLVE RB_USER_ERRORS",
    ]);
  });

  test("about refused orders says how many there were", () => {
    const [step] = alertSteps({ ...quiet, last15Minutes: orders(17, 3), ...usual(200, 10) }, new Set());
    expect(step).toMatchObject({
      message:
        "3 of 20 work orders refused, 3 times as many as usual, within 15 minutes; consider rollbackPlm",
    });
  });

  test("about availability is excused by maintenance, one about wrong data is not", () => {
    const signals = { isMaintenance: true, last5Minutes: calls(0, 200), confirmedCritical: 1 };
    expect(stepsOf(signals)).toEqual(["RAISE RB_INTEGRITY"]);
  });

  test("asks for a rollback only while the PLM is enabled, and is over when it no longer is", () => {
    const signals = { mode: "SHADOW", last15Minutes: calls(0, 200) } as const;
    expect(stepsOf(signals)).toEqual([]);
    expect(stepsOf(signals, ["RB_ERROR_RATE"])).toEqual(["RESOLVE RB_ERROR_RATE"]);
  });
});

describe("the statistics", () => {
  test("add up what was counted", () => {
    expect(
      statisticsOf([
        total("read", "PLM", 1),
        total("read", "PLM_CACHE", 6),
        total("read", "PLM_STALE TIMEOUT", 2),
        total("read", "MRP UNAVAILABLE", 1),
        total("read", "MRP DISABLED", 5),
      ]),
    ).toMatchObject({
      reads: 15,
      readsBySource: { PLM: 1, PLM_CACHE: 6, PLM_STALE: 2, MRP: 6 },
      fallbackReads: [
        { source: "PLM_STALE", reason: "TIMEOUT", reads: 2 },
        { source: "MRP", reason: "UNAVAILABLE", reads: 1 },
      ],
      hitRatio: 0.6,
      fallbackRate: 0.3,
      errorRate: null,
      p95Ms: null,
    });
  });

  test("know durations to within 9 %", () => {
    const durations = Array.from({ length: 1_000 }, (_, index) => index + 1);
    const counts = new Map<number, number>();
    for (const ms of durations) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1);
    for (const [share, exact] of [
      [0.5, 500],
      [0.95, 950],
      [0.99, 990],
    ] as const) {
      const estimate = quantileMs(counts, share) ?? 0;
      expect(estimate).toBeGreaterThanOrEqual(exact * 0.999);
      expect(estimate).toBeLessThanOrEqual(exact * 1.0906);
    }
    expect(upperEdgeMs(bucketOf(0.2))).toBe(1);
  });

  test.each([
    ["DISABLED", "OPEN", 1, 9_000, "DISABLED"],
    ["ENABLED", "OPEN", 0, 10, "DOWN"],
    ["SHADOW", "CLOSED", 1, 10, "DOWN"],
    ["ENABLED", "CLOSED", 0.02, 10, "DEGRADED"],
    ["ENABLED", "CLOSED", 0, 501, "DEGRADED"],
    ["ENABLED", "CLOSED", 0.01, 500, "HEALTHY"],
    ["ENABLED", "CLOSED", null, null, "HEALTHY"],
  ] as const)("%s, %s, errors %s, P95 %s ms: %s", (mode, circuit, errorRate, p95Ms, expected) => {
    expect(healthStatus(mode, circuit, { errorRate, p95Ms })).toBe(expected);
  });
});

describe("a maintenance window", () => {
  test.each([
    ["02:00-04:00", "2026-01-31T02:00:00Z", true],
    ["02:00-04:00", "2026-01-31T04:00:00Z", false],
    ["Sat 22:00-02:00", "2026-02-01T01:59:00Z", true],
    ["Sat 22:00-02:00", "2026-01-31T01:00:00Z", false],
    ["Sun 22:00-02:00", "2026-02-02T00:30:00Z", true],
  ])("%s holds at %s: %s", (text, at, expected) => {
    const window = parseMaintenanceWindow(text);
    expect(window && isMaintenance([window], new Date(at))).toBe(expected);
  });

  test.each(["2-4", "25:00-26:00", "Foo 02:00-04:00", "02:00-02:00", ""])("is not %j", (text) => {
    expect(parseMaintenanceWindow(text)).toBeUndefined();
  });
});

describe("the gate of the migration", () => {
  const DAY_MS = 86_400_000;
  const now = new Date("2026-02-01T00:00:00Z");
  const since = new Date(now.getTime() - 14 * DAY_MS);
  const clean: GateEvidence = {
    mode: "SHADOW",
    modeSince: since,
    now,
    comparisons: { count: 299, different: 0, first: since },
    reads: { count: 0, fallbacks: 0 },
    openCritical: 0,
    neverCompared: [],
    failedComparisons: [],
  };

  test("to enabled is met by 299 clean comparisons over 14 days", () => {
    expect(judgeMigration(clean)).toMatchObject({ phase: "ENABLE", isMet: true, blocking: [], share: 0 });
  });

  test.each([
    [
      "too few comparisons",
      { comparisons: { ...clean.comparisons, count: 298 } },
      "298 of at least 299 comparisons",
    ],
    [
      "too many differences",
      { comparisons: { ...clean.comparisons, different: 2 } },
      /up to 2 % may fail at 95 % confidence; below 1 % is needed/,
    ],
    [
      "too short",
      { comparisons: { ...clean.comparisons, first: new Date(now.getTime() - 3 * DAY_MS) } },
      "3 of 14 days observed",
    ],
    ["critical differences", { openCritical: 1 }, "1 critical differences that nobody has explained"],
    ["disabled", { mode: "DISABLED" as const }, "the PLM is disabled, so nothing is compared"],
    [
      "a comparison that failed",
      { failedComparisons: [{ modelCode: "LX24", failure: "too long" }] },
      /^the last comparison failed: LX24 \(too long\)$/,
    ],
    ["a bill that was never compared", { neverCompared: ["LX26", "LX22"] }, /^never compared: LX26, LX22$/],
    [
      "hundreds that were never compared, of which some are named",
      { neverCompared: Array.from({ length: 300 }, (_, index) => `M${index}`) },
      /^never compared: M0, M1, .*M19 and 280 more$/,
    ],
  ])("is not met: %s", (_why, change, reason) => {
    const gate = judgeMigration({ ...clean, ...change });
    expect(gate.isMet).toBe(false);
    expect(gate.blocking).toEqual([expect.stringMatching(reason)]);
  });

  test("to the end of the migration needs 2,995 readings and less than 0.1 % fallback", () => {
    const enabled: GateEvidence = { ...clean, mode: "ENABLED", reads: { count: 2_995, fallbacks: 0 } };
    expect(judgeMigration(enabled)).toMatchObject({ phase: "RETIRE_MRP", isMet: true, samplesNeeded: 2_995 });
    expect(judgeMigration({ ...enabled, reads: { count: 2_995, fallbacks: 3 } }).isMet).toBe(false);
  });
});
