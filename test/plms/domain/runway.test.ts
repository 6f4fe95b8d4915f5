import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LedgerRun, ProjectLedger } from "../../../subgraphs/plms/domain/runway.ts";
import { runwayOf } from "../../../subgraphs/plms/domain/runway.ts";

const MINUTE_MS = 60_000;
const NOW_MS = 600 * MINUTE_MS;
/** Weighted sum that stands for one USD per minute long after the start. */
const ONE_USD_PER_MINUTE = 15 / Math.LN2;

const run = (changes: Partial<LedgerRun> = {}): LedgerRun => ({
  kind: "baseline",
  status: "executing",
  startedAtMs: -1e9 * MINUTE_MS,
  estimatedUsdDone: 0,
  receipts: 10,
  burn: { usd: ONE_USD_PER_MINUTE, atMs: NOW_MS },
  ...changes,
});

const ledger = (changes: Partial<ProjectLedger> = {}): ProjectLedger => ({
  projectId: "1",
  usdMax: 100,
  usdSpent: 0,
  estimatedUsd: 0,
  estimatedUsdDone: 0,
  revision: 1,
  runs: [run()],
  ...changes,
});

const runway = (changes: Partial<ProjectLedger> = {}) => runwayOf(ledger(changes), NOW_MS);
/** A runway of so many minutes at one USD per minute. */
const lasting = (minutes: number) => runway({ usdMax: 1000 + minutes, usdSpent: 1000 });
/** A project whose tasks cost so much more than its budget of 100 USD. */
const overrunBy = (usd: number) => runway({ usdMax: 100, estimatedUsd: 100 + usd });

describe("status", () => {
  test.each([
    [9.9, "critical"],
    [10, "warning"],
    [30, "warning"],
    [30.1, "ok"],
  ])("with %d minutes left is %s", (minutes, status) => {
    const { minutesToDepletion, ...rest } = lasting(minutes);
    expect(minutesToDepletion).toBeCloseTo(minutes, 9);
    expect(rest).toMatchObject({ status, reason: null, projectedOverrunUsd: 0 });
  });

  test.each([
    [0, "ok"],
    [0.000001, "warning"],
    [19.999999, "warning"],
    [20, "critical"],
  ])("with a projected overrun of %d USD on 100 is %s", (usd, status) => {
    expect(overrunBy(usd)).toMatchObject({ status, projectedOverrunUsd: usd });
  });

  test("of 0.32 USD over 2.00 is a warning: the share counts against the budget", () => {
    expect(
      runway({ usdMax: 2, estimatedUsd: 2.32, runs: [run({ burn: { usd: 0.001, atMs: NOW_MS } })] }),
    ).toMatchObject({
      status: "warning",
      projectedOverrunUsd: 0.32,
    });
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
    expect(runway({ estimatedUsd: 40, runs: [] }).projectedCostUsd).toBe(40);
  });

  test("scales the open tasks by how the finished ones compared to their estimates", () => {
    const half = {
      estimatedUsd: 40,
      estimatedUsdDone: 20,
      usdSpent: 30,
      runs: [run({ estimatedUsdDone: 20 })],
    };
    expect(runway(half).projectedCostUsd).toBe(60);
  });

  test("of a finished project is what it cost", () => {
    const finished = {
      estimatedUsd: 40,
      estimatedUsdDone: 20,
      usdSpent: 30,
      runs: [run({ status: "completed", estimatedUsdDone: 20 })],
    };
    expect(runway(finished).projectedCostUsd).toBe(30);
  });

  test("leaves all the work to do after a rehearsal", () => {
    const rehearsing = {
      estimatedUsd: 40,
      estimatedUsdDone: 1,
      usdSpent: 2,
      runs: [run({ kind: "rehearsal", estimatedUsdDone: 1 })],
    };
    expect(runway(rehearsing).projectedCostUsd).toBe(82);
    expect(runway({ ...rehearsing, runs: [] })).toMatchObject({
      projectedCostUsd: 82,
      reason: "not_started",
    });
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
      { runs: [], estimatedUsd: 150 },
      { reason: "not_started", status: "critical", projectedOverrunUsd: 50 },
    ],
    [
      "no receipt yet",
      { runs: [run({ receipts: 0, burn: { usd: 0, atMs: null } })] },
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
      { usdMax: 0, estimatedUsd: 3, runs: [] },
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
      "two receipts",
      { runs: [run({ receipts: 2 })] },
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
    const versions = [runway(), runway({ revision: 2 }), runwayOf(ledger(), NOW_MS + 1)].map(
      ({ version }) => version,
    );
    expect(new Set(versions).size).toBe(3);
    expect(runway().version).toBe(runway().version);
  });

  test("holds no infinity and no NaN, whatever the ledger", () => {
    const amount = fc.integer({ min: 0, max: 1e12 }).map((millionths) => millionths / 1e6);
    const usd = fc.tuple(amount, fc.boolean()).map(([value, isRefund]) => (isRefund ? -value : value));
    const anyRun = fc.record({
      kind: fc.constantFrom("baseline", "rehearsal", "replay", "hotfix" as const),
      status: fc.constantFrom("executing", "paused", "validating", "completed", "failed" as const),
      startedAtMs: fc.integer({ min: 0, max: NOW_MS }),
      estimatedUsdDone: amount,
      receipts: fc.nat(10),
      burn: fc.record({ usd, atMs: fc.option(fc.integer({ min: 0, max: NOW_MS })) }),
    });
    const anyLedger = fc.record({
      projectId: fc.constant("1"),
      usdMax: fc.option(amount),
      usdSpent: usd,
      estimatedUsd: amount,
      estimatedUsdDone: amount,
      revision: fc.nat(),
      runs: fc.array(anyRun as fc.Arbitrary<LedgerRun>, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(anyLedger, (given) => {
        const { minutesToDepletion, burnPerMin, projectedCostUsd, projectedOverrunUsd, status, reason } =
          runwayOf(given, NOW_MS);
        for (const figure of [minutesToDepletion, burnPerMin, projectedCostUsd, projectedOverrunUsd]) {
          expect(figure === null || Number.isFinite(figure)).toBe(true);
        }
        expect(minutesToDepletion ?? 0).toBeGreaterThanOrEqual(0);
        expect(minutesToDepletion === null ? reason : "given").not.toBeNull();
        expect(status === "unknown").toBe(given.usdMax === null);
      }),
    );
  });
});
