import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { budgetProject } from "../../../bench/plms/budget-projects.ts";
import { FAMILIES } from "../../../bench/plms/budget-truths.ts";
import { tailSdOf } from "../../../subgraphs/plms/domain/cost-tail.ts";
import { contains } from "../../../subgraphs/plms/domain/statistics/interval.ts";
import {
  laneMean,
  sharedBelief,
  type LaneCourse,
  type SharedBelief,
} from "../../../subgraphs/plms/domain/run-trend.ts";
import { runwayOf } from "../../../subgraphs/plms/domain/runway.ts";
import { createDraws } from "../../../subgraphs/plms/domain/statistics/draws.ts";
import { FACTORY_TASKS } from "../../../subgraphs/plms/domain/task-belief.ts";

const { truths } = FAMILIES.tuning;

/** Projects of one kind of truth, when a share of their tasks is done. */
const ledgersOf = (kind: string, share: number, count = 25) =>
  Array.from({ length: count }, (_, index) =>
    budgetProject(truths.findIndex(({ name }) => name === kind) + index * truths.length),
  ).map((project) => ({ project, ...project.ledgerAt(share) }));
const shareOf = <T>(items: readonly T[], holds: (item: T) => boolean) =>
  items.filter(holds).length / items.length;
const answersTo = (kind: string, share: number) =>
  ledgersOf(kind, share).map(({ project, ledger, nowMs }) => ({
    truth: project.totalUsd,
    ...runwayOf(ledger, { nowMs, beliefOf: () => FACTORY_TASKS }),
  }));

/** A lane of which 40 tasks are done, spread over the first half of the run, with a slope of its own. */
const lane = (changes: Partial<LaneCourse> = {}): LaneCourse => ({
  tasks: 40,
  distance: 0,
  place: 0.25,
  placeScatter: 40 / 48,
  coScatter: 0,
  taskVariance: 0.1,
  laneVariance: 0.05,
  ...changes,
});
const withSlope = (slope: number) => lane({ distance: slope * 0.25, coScatter: (slope * 40) / 48 });

describe("a trend within the run", () => {
  test("is the more probable the steeper the finished tasks rise or fall", () => {
    const at = (slope: number) => sharedBelief([withSlope(slope), withSlope(slope)]).trendProbability;
    expect(at(0)).toBeLessThan(0.5);
    expect(at(0.5)).toBeGreaterThan(at(0.2));
    expect(at(1)).toBeGreaterThan(0.95);
    expect(at(-1)).toBeCloseTo(at(1), 9);
  });

  test("lets the open tasks of every lane follow it, also of one that has done nothing yet", () => {
    const shared = sharedBelief([
      withSlope(0.8),
      withSlope(0.8),
      lane({ tasks: 0, place: 0, placeScatter: 0 }),
    ]);
    expect(laneMean(withSlope(0.8), 0.75, shared).mean).toBeGreaterThan(0.4);
    expect(laneMean(lane({ tasks: 0, place: 0, placeScatter: 0 }), 0.75, shared).mean).toBeGreaterThan(0.3);
  });

  test("is 0 on average and as unsure as it is before anything is known when nothing was done", () => {
    const nothing = sharedBelief([lane({ tasks: 0, place: 0, placeScatter: 0 })]);
    expect(nothing).toMatchObject({
      trendProbability: expect.closeTo(0.5, 9),
      mean: { slope: 0, offset: 0 },
    });
    expect(nothing.variance.slope).toBeCloseTo(0.5 * 0.45 ** 2, 9);
  });

  test.each(["costs rise by 60 %", "costs fall by a third"])(
    "lets the interval hold where %s, or says that it is worth little",
    (kind) => {
      const told = [0.25, 0.5, 0.75, 0.9]
        .flatMap((share) => answersTo(kind, share))
        .filter(({ reliability }) => reliability !== "low");
      expect(told.length).toBeGreaterThan(20);
      expect(
        shareOf(told, ({ truth, projectedCostInterval }) => contains(projectedCostInterval, truth)),
      ).toBeGreaterThan(0.8);
    },
  );
});

describe("what is shared by all lanes", () => {
  const anyLane = fc.record({
    tasks: fc.integer({ min: 0, max: 200 }),
    distance: fc.double({ min: -2, max: 2, noNaN: true }),
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    placeScatter: fc.double({ min: 0, max: 15, noNaN: true }),
    coScatter: fc.double({ min: -5, max: 5, noNaN: true }),
    taskVariance: fc.double({ min: 1e-9, max: 2, noNaN: true }),
    laneVariance: fc.double({ min: 0, max: 2, noNaN: true }),
  });
  const momentsOf = (shared: SharedBelief, draws: number) => {
    const random = createDraws(3);
    const drawn = Array.from({ length: draws }, () => shared.draw(random));
    const meanBy = (of: (one: (typeof drawn)[number]) => number) =>
      drawn.reduce((sum, one) => sum + of(one), 0) / draws;
    const slope = meanBy((one) => one.slope);
    return { slope, variance: meanBy((one) => (one.slope - slope) ** 2) };
  };

  test("is finite, and its variances are not negative, whatever the lanes", () => {
    fc.assert(
      fc.property(
        fc.array(anyLane, { maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (lanes, place) => {
          const shared = sharedBelief(lanes);
          expect(shared.trendProbability).toBeGreaterThanOrEqual(0);
          expect(shared.trendProbability).toBeLessThanOrEqual(1);
          for (const one of lanes) {
            const { mean, variance, ownVariance } = laneMean(one, place, shared);
            expect(Number.isFinite(mean)).toBe(true);
            expect(variance).toBeGreaterThanOrEqual(-1e-9);
            expect(ownVariance).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });

  test("has the mean and the variance that its draws have", () => {
    const shared = sharedBelief([withSlope(0.4), lane({ distance: 0.2 })]);
    const { slope, variance } = momentsOf(shared, 20_000);
    expect(slope).toBeCloseTo(shared.mean.slope, 2);
    expect(variance).toBeCloseTo(shared.variance.slope, 2);
  });

  test("does not depend on the order of the lanes", () => {
    const [a, b] = [withSlope(0.4), lane({ distance: 0.2, tasks: 7 })];
    expect(sharedBelief([a, b]).mean.slope).toBeCloseTo(sharedBelief([b, a]).mean.slope, 12);
  });
});

test("a tail of dear tasks is found by its skewness, and makes the reliability low", () => {
  const found = ledgersOf("5 % eight times dearer", 0.75);
  expect(shareOf(found, ({ ledger }) => tailSdOf(ledger) > 0)).toBeGreaterThan(0.85);
  const seen = found
    .filter(({ ledger }) => tailSdOf(ledger) > 0)
    .map(({ ledger, nowMs }) => runwayOf(ledger, { nowMs, beliefOf: () => FACTORY_TASKS }).reliability);
  expect(new Set(seen)).toEqual(new Set(["low"]));
  expect(shareOf(ledgersOf("ordinary", 0.75), ({ ledger }) => tailSdOf(ledger) > 0)).toBeLessThan(0.2);
});

test("figures of one answer agree: what is committed is never more than all open work is expected to cost", () => {
  fc.assert(
    fc.property(fc.nat(500), fc.integer({ min: 1, max: 19 }), (seed, twentieths) => {
      const { ledger, nowMs } = budgetProject(seed).ledgerAt(twentieths / 20);
      const found = runwayOf(ledger, { nowMs, beliefOf: () => FACTORY_TASKS });
      expect(found.usdCommitted).toBeLessThanOrEqual(found.projectedCostUsd - found.usdSpent + 1e-5);
      const isNothingLeft = found.minutesToDepletion === 0;
      expect(isNothingLeft && found.projectedCostUsd < (found.usdMax ?? 0)).toBe(false);
    }),
    { numRuns: 40 },
  );
});
