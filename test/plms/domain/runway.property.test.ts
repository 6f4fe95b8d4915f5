import * as fc from "fast-check";
import { expect, test } from "vitest";
import { addCharge, NO_BURN } from "../../../subgraphs/plms/domain/burn.ts";
import type { LedgerRun, ProjectLedger } from "../../../subgraphs/plms/domain/budget-ledger.ts";
import { runwayOf } from "../../../subgraphs/plms/domain/runway.ts";
import { DEFAULT_ALARMS } from "../../../subgraphs/plms/domain/runway-status.ts";
import { momentsOf } from "../../../subgraphs/plms/domain/statistics/moments.ts";
import { FACTORY_TASKS } from "../../../subgraphs/plms/domain/task-belief.ts";
import { done, lane, NOW_MS, run, runway } from "./ledgers.ts";

test("holds no infinity and no NaN, whatever the ledger", () => {
  const amount = fc.integer({ min: 0, max: 1e12 }).map((millionths) => millionths / 1e6);
  const usd = fc.tuple(amount, fc.boolean()).map(([value, isRefund]) => (isRefund ? -value : value));
  const moments = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { maxLength: 4 }).map(momentsOf);
  const anyRun: fc.Arbitrary<LedgerRun> = fc.record({
    kind: fc.constantFrom("baseline", "rehearsal", "replay", "hotfix" as const),
    status: fc.constantFrom("executing", "paused", "validating", "completed", "failed" as const),
    startedAtMs: fc.integer({ min: 0, max: NOW_MS }),
    pausedAtMs: fc.option(fc.integer({ min: 0, max: NOW_MS })),
    pausedMs: fc.nat(NOW_MS),
    receipts: fc.nat(10),
    burn: fc.record({ usd, atMs: fc.option(fc.integer({ min: 0, max: NOW_MS })) }),
    slices: fc.array(fc.record({ ageMs: fc.nat(4_000_000), usd, usdCharged: amount, usdSquares: amount }), {
      maxLength: 3,
    }),
    lanes: fc.array(
      fc.record({
        laneId: fc.constant(4200),
        tasks: fc.nat(9),
        usdSpent: usd,
        estimatedUsd: amount,
        estimatedUsdSquared: amount,
        ratios: moments,
        ratioCubes: fc.double({ min: -99, max: 99, noNaN: true }),
        order: fc.record({
          x: fc.nat(99),
          xx: fc.nat(9999),
          xy: fc.double({ min: -99, max: 99, noNaN: true }),
        }),
      }),
      { maxLength: 1 },
    ),
  });
  const anyLedger: fc.Arbitrary<ProjectLedger> = fc.record({
    projectId: fc.constant("1"),
    tenant: fc.constant("default"),
    usdMax: fc.option(amount),
    alarms: fc.constant(DEFAULT_ALARMS),
    usdSpent: usd,
    revision: fc.nat(),
    standing: fc.constantFrom(null, "ok", "critical" as const),
    lanes: fc.array(
      fc.record({
        laneId: fc.constant(4200),
        maxConcurrent: fc.nat(5),
        tasks: fc.nat(9),
        estimatedUsd: amount,
        estimatedUsdSquared: amount,
        learntLogRatio: fc.double({ min: -3, max: 3, noNaN: true }),
        orderSum: fc.nat(999),
      }),
      { maxLength: 1 },
    ),
    runs: fc.array(anyRun, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(anyLedger, (given) => {
      const found = runwayOf(given, { nowMs: NOW_MS, beliefOf: () => FACTORY_TASKS });
      const numbers = JSON.stringify(found, (_key, value: unknown) =>
        typeof value === "number" && !Number.isFinite(value) ? "unspeakable" : value,
      );
      expect(numbers).not.toContain("unspeakable");
      expect(found.minutesToDepletion ?? 0).toBeGreaterThanOrEqual(0);
      expect(found.minutesToDepletion === null ? found.reason : "given").not.toBeNull();
      expect(found.status === "unknown").toBe(given.usdMax === null);
      const { low, high } = found.projectedCostInterval;
      expect(found.projectedCostUsd).toBeGreaterThanOrEqual(low - 1e-6);
      expect(found.projectedCostUsd).toBeLessThanOrEqual(high + 1e-6);
      const minutes = found.minutesToDepletion ?? 0;
      expect(minutes).toBeGreaterThanOrEqual(found.depletionInterval?.low ?? 0);
      expect(minutes).toBeLessThanOrEqual(found.depletionInterval?.high ?? Number.POSITIVE_INFINITY);
    }),
  );
});

const spends = fc.array(fc.double({ min: 0.001, max: 5, noNaN: true }), { minLength: 1, maxLength: 8 });

test("never projects less than is spent, and more spent never leaves more time", () => {
  fc.assert(
    fc.property(spends, (costs) => {
      const spent = costs.reduce((sum, cost) => sum + cost, 0);
      const at = (usdSpent: number) =>
        runway(
          { usdMax: 100, usdSpent, lanes: [lane(10)], runs: [run({ lanes: [done(1)] })] },
          () => FACTORY_TASKS,
        );
      const [before, after] = [at(spent), at(spent + 1)];
      expect(before.projectedCostUsd).toBeGreaterThanOrEqual(Number(spent.toFixed(6)));
      expect(after.minutesToDepletion ?? 0).toBeLessThanOrEqual(before.minutesToDepletion ?? 0);
      expect(after.overrunProbability ?? 0).toBeGreaterThanOrEqual(before.overrunProbability ?? 0);
    }),
  );
});

test("does not depend on the order in which charges arrive", () => {
  fc.assert(
    fc.property(spends, (costs) => {
      const charges = costs.map((costUsd, index) => ({ costUsd, atMs: NOW_MS - 60_000 * (index + 1) }));
      const perMin = (ordered: typeof charges) =>
        runway({ runs: [run({ burn: ordered.reduce(addCharge, NO_BURN) })] }).burnPerMin;
      expect(perMin(charges.toReversed())).toBeCloseTo(perMin(charges), 9);
    }),
  );
});
