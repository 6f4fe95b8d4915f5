import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allocate } from "../../../subgraphs/plms/domain/allocation.ts";
import { extrapolate } from "../../../subgraphs/plms/domain/extrapolate.ts";
import { COMPLEXITIES, type Complexity } from "../../../subgraphs/plms/domain/project.ts";
import { stratifiedSample } from "../../../subgraphs/plms/domain/stratified-sample.ts";

interface Item {
  id: number;
  complexity: Complexity;
}

const items = (counts: Partial<Record<Complexity, number>>): Item[] =>
  Object.entries(counts)
    .flatMap(([complexity, count]) => Array.from({ length: count }, () => complexity as Complexity))
    .map((complexity, id) => ({ id, complexity }));

const anyItems = fc
  .array(fc.constantFrom(...COMPLEXITIES), { minLength: 1, maxLength: 300 })
  .map((complexities) => complexities.map((complexity, id) => ({ id, complexity })));
const anyPct = fc.double({ min: 0.001, max: 0.2, noNaN: true });
const anySeed = fc.integer({ min: 0, max: 2_147_483_647 });

describe("stratified sample", () => {
  test("takes the share of each complexity", () => {
    const sample = stratifiedSample(items({ simple: 600, complex: 300, very_complex: 100 }), {
      pct: 0.01,
      seed: 7,
    });
    expect(
      sample.strata.map(({ complexity, tasksTotal, sampled }) => [complexity, tasksTotal, sampled.length]),
    ).toEqual([
      ["simple", 600, 6],
      ["complex", 300, 3],
      ["very_complex", 100, 2],
    ]);
    expect(sample).toMatchObject({ effectivePct: 0.011, strataCoverage: 1, autoBumped: true });
  });

  test("covers every complexity even when that takes more than was asked for, and says so", () => {
    const sample = stratifiedSample(items({ trivial: 10, simple: 10, moderate: 10 }), { pct: 0.01, seed: 7 });
    expect(sample).toMatchObject({ tasksSampled: 6, effectivePct: 0.2, strataCoverage: 1, autoBumped: true });
    expect(sample.warnings).toEqual([
      "Sampled 6 of 30 tasks (20 %) instead of 1 %, so that two of every complexity are covered",
      "The sample takes 6 of 30 tasks (20 %), more than the usual 5 %",
    ]);
  });

  test("takes at least two of a complexity, unless there is only one, and never more than there are", () => {
    const quotas = (counts: readonly number[], pct: number) =>
      allocate(
        counts.map((tasks) => ({ tasks, spread: 0 })),
        pct,
      );
    expect(quotas([1, 60, 1000], 0.001)).toEqual([1, 2, 2]);
    expect(quotas([60, 30, 10], 0.01)).toEqual([2, 2, 2]);
    expect(quotas([2, 1000], 0.2)).toEqual([2, 200]);
  });

  test("takes more where tasks differ more, once that is known", () => {
    const strata = [
      { tasks: 500, spread: 1 },
      { tasks: 500, spread: 9 },
    ];
    expect(allocate(strata, 0.1)).toEqual([10, 90]);
  });

  test("never misses a complexity and never takes a task twice", () => {
    fc.assert(
      fc.property(anyItems, anyPct, anySeed, (tasks, pct, seed) => {
        const sample = stratifiedSample(tasks, { pct, seed });
        const ids = sample.strata.flatMap(({ sampled }) => sampled.map(({ id }) => id));
        expect(sample.strataCoverage).toBe(1);
        expect(new Set(ids).size).toBe(ids.length);
        expect(sample.tasksSampled).toBe(ids.length);
        expect(sample.effectivePct).toBe(ids.length / tasks.length);
        for (const { complexity, sampled } of sample.strata) {
          expect(sampled.every((task) => task.complexity === complexity)).toBe(true);
        }
      }),
    );
  });

  test("is the same for the same seed and can differ for another", () => {
    fc.assert(
      fc.property(anyItems, anyPct, anySeed, (tasks, pct, seed) => {
        expect(stratifiedSample(tasks, { pct, seed })).toEqual(stratifiedSample(tasks, { pct, seed }));
      }),
    );
    const many = items({ simple: 1000 });
    expect(stratifiedSample(many, { pct: 0.1, seed: 1 })).not.toEqual(
      stratifiedSample(many, { pct: 0.1, seed: 2 }),
    );
  });
});

describe("extrapolation", () => {
  const effort = (costUsd: number) => ({ tokens: costUsd * 1000, durationMs: costUsd * 60_000, costUsd });

  test("counts each stratum with its size times the mean of its sample: the golden 18.80 USD", () => {
    const strata = [
      { complexity: "simple" as const, tasksTotal: 60, sampled: [0.08, 0.1] },
      { complexity: "moderate" as const, tasksTotal: 30, sampled: [0.2, 0.26] },
      { complexity: "complex" as const, tasksTotal: 10, sampled: [0.5, 0.8] },
    ];
    const sample = {
      strata,
      tasksTotal: 100,
      tasksSampled: 6,
      requestedPct: 0.01,
      effectivePct: 0.06,
      strataCoverage: 1,
      autoBumped: true,
      warnings: [],
    };
    const { total, means } = extrapolate(sample, effort);
    expect(total.costUsd).toBeCloseTo(18.8, 10);
    expect(total.tokens).toBeCloseTo(18_800, 6);
    expect(means.map(({ mean }) => mean.costUsd)).toEqual([
      expect.closeTo(0.09),
      expect.closeTo(0.23),
      expect.closeTo(0.65),
    ]);
  });

  test("of 190 tokens and 0.011 USD in one of a hundred tasks is 19,000 tokens and 1.10 USD", () => {
    const sample = stratifiedSample(items({ simple: 100 }), { pct: 0.01, seed: 1 });
    const { total } = extrapolate(sample, () => ({ tokens: 190, durationMs: 1, costUsd: 0.011 }));
    expect(total).toMatchObject({ tokens: 19_000, costUsd: expect.closeTo(1.1) });
  });

  test("of equal tasks is exact, whatever is sampled", () => {
    fc.assert(
      fc.property(anyItems, anyPct, anySeed, (tasks, pct, seed) => {
        const { total } = extrapolate(stratifiedSample(tasks, { pct, seed }), () => effort(0.25));
        expect(total.costUsd).toBeCloseTo(0.25 * tasks.length, 9);
      }),
    );
  });
});
