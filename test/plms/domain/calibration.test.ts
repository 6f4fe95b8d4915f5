import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  beliefWithScale,
  factoryWeight,
  observe,
  predictiveInterval,
  predictiveScale,
  winsorized,
  type Belief,
} from "../../../subgraphs/plms/domain/calibration.ts";
import { fallbackPrior } from "../../../subgraphs/plms/domain/prior-fallback.ts";
import {
  factoryPrior,
  learn,
  perTaskInterval,
  ratioInterval,
  type Observation,
  type Prior,
} from "../../../subgraphs/plms/domain/prior.ts";
import { momentsOf, NO_MOMENTS } from "../../../subgraphs/plms/domain/statistics/moments.ts";

const factory = beliefWithScale(3000, 900);
const after = (...values: number[]): Belief => values.reduce((belief, y) => observe(belief, y), factory);

describe("a belief about tokens per task that starts at 3000 ± 900", () => {
  test.each([
    [[3600], 3180, 815.65, [1336, 5024], 0.7],
    [[3600, 3300], 3216, 685.29, [1667, 4765], 0.49],
    [[3600, 3300, 4200], 3511.2, 770.11, [1770, 5252], 0.343],
  ])("after %j has mean %d and scale %d", (values, mean, scale, [low = 0, high = 0], weight) => {
    const belief = after(...values);
    expect(belief.mu).toBeCloseTo(mean, 8);
    expect(predictiveScale(belief)).toBeCloseTo(scale, 2);
    expect(Math.round(predictiveInterval(belief).low)).toBe(low);
    expect(Math.round(predictiveInterval(belief).high)).toBe(high);
    expect(factoryWeight(values.length)).toBeCloseTo(weight, 12);
  });

  test("keeps a gain of exactly 0.3", () => {
    expect(after(3600, 3300, 4200).kappa).toBeCloseTo(10 / 3, 12);
    expect(after(3600, 3300, 4200).a).toBeCloseTo(5 / 3, 12);
  });

  test("still owes the factory 34.3 %, 16.8 % and 2.8 % after 3, 5 and 10 runs", () => {
    expect([3, 5, 10].map((n) => (factoryWeight(n) * 100).toFixed(1))).toEqual(["34.3", "16.8", "2.8"]);
  });

  test("contains its mean in its interval and pulls outliers in to four scales", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 20 }), (values) => {
        const belief = values.reduce((b, y) => observe(b, winsorized(b, y).value), factory);
        const { low, high } = predictiveInterval(belief);
        expect(low).toBeLessThanOrEqual(belief.mu);
        expect(high).toBeGreaterThanOrEqual(belief.mu);
      }),
    );
    expect(winsorized(factory, 10_000)).toEqual({ value: 6600, isOutlier: true });
    expect(winsorized(factory, 4000)).toEqual({ value: 4000, isOutlier: false });
  });
});

const flat = (perTask: number, logRatio: number | null = 0) => ({ perTask, logRatio, tasks: NO_MOMENTS });
const run = (tokens: number, logRatio: number | null = 0): Observation => ({
  tokens: { ...flat(tokens, logRatio), tasks: momentsOf([0.1, 0.3]) },
  durationMs: flat(280_000, logRatio),
  costUsd: flat(0.17, logRatio),
});
const learnAll = (runs: readonly Observation[]): Prior =>
  runs.reduce((prior, observation) => learn(prior, observation).prior, factoryPrior());

describe("a prior", () => {
  test("moves from the factory to 2940 / 294,000 / 0.177 with one run of 2800 / 280,000 / 0.17", () => {
    const { prior } = learn(factoryPrior(), run(2800));
    expect(prior.tokens.perTask.mu).toBeCloseTo(2940, 8);
    expect(prior.durationMs.perTask.mu).toBeCloseTo(294_000, 6);
    expect(prior.costUsd.perTask.mu).toBeCloseTo(0.177, 12);
    expect(Math.sqrt(prior.tokens.smoothedVariance)).toBeCloseTo(758.6, 1);
  });

  test("follows a shift, knows its error, and learns how much tasks differ within a run", () => {
    const prior = learnAll(Array.from({ length: 20 }, () => run(5000, 0.4)));
    expect(prior.tokens.perTask.mu).toBeCloseTo(5000, -1);
    expect(prior.tokens.ratio.mu).toBeCloseTo(0.4, 2);
    expect(prior.tokens.taskVariance).toBeCloseTo(0.02, 12);
    expect(prior.tokens.mae).toBeLessThan(20);
    expect(prior.tokens.bias).toBeGreaterThan(0);
    expect(prior.observations).toBe(20);
    expect(prior.tokens.errors).toHaveLength(20);
  });

  test("counts how often its own intervals held, over the last fifty runs at most", () => {
    const prior = learnAll(Array.from({ length: 60 }, (_, n) => run(3000, n % 2 === 0 ? 0.1 : -0.1)));
    expect(prior.tokens.hits).toHaveLength(50);
    expect(prior.tokens.hits.every(Boolean)).toBe(true);
  });

  test("trusts the residuals it has seen from the nineteenth run on", () => {
    const early = learnAll(Array.from({ length: 18 }, () => run(3000, 0)));
    const late = learnAll(Array.from({ length: 40 }, () => run(3000, 0)));
    const width = (prior: Prior) => ratioInterval(prior.tokens).high - ratioInterval(prior.tokens).low;
    expect(width(late)).toBeLessThan(width(early));
  });

  test("expects the ratio of the next run by the factory's word first, and by its own errors later", () => {
    const half = (prior: Prior) => ratioInterval(prior.tokens).high - prior.tokens.ratio.mu;
    expect(half(factoryPrior())).toBeCloseTo(1.7459 * Math.sqrt(Math.log1p(0.09) * (1 + 0.3 / 1.7)), 3);
    const precise = learnAll(Array.from({ length: 10 }, () => run(3000, 0)));
    const wild = learnAll(Array.from({ length: 10 }, (_, n) => run(3000, n % 2 === 0 ? 0.8 : -0.8)));
    expect(half(precise)).toBeLessThan(0.2);
    expect(half(wild)).toBeGreaterThan(0.8);
  });

  test("leaves the ratio alone when nothing was estimated", () => {
    const { prior } = learn(factoryPrior(), run(2800, null));
    expect(prior.tokens.ratio).toEqual(factoryPrior().tokens.ratio);
    expect(prior.tokens.hits).toEqual([]);
  });

  test("names outliers and is moved by them no further than by four scales", () => {
    const { prior, outliers } = learn(factoryPrior(), run(1_000_000));
    expect(outliers).toEqual(["tokens"]);
    expect(prior.tokens.perTask.mu).toBeCloseTo(3000 + 0.3 * 3600, 6);
  });

  test("never expects less than nothing", () => {
    const wild = learnAll([run(10), run(6000), run(10), run(6000)]);
    expect(perTaskInterval(wild.tokens).low).toBe(0);
  });
});

describe("the prior that is used", () => {
  const seen = learnAll([run(2800)]);
  const from = (known: Record<string, Prior>) => (laneId: number | null, provider: string | null) =>
    fallbackPrior({ laneId, provider }, (key) => known[`${key.laneId}/${key.provider}`]).source;

  test.each([
    [{ "4200/gpt-4": seen, "4200/null": seen }, 4200, "gpt-4", "lane_provider"],
    [{ "4200/null": seen, "null/gpt-4": seen }, 4200, "gpt-4", "lane"],
    [{ "null/gpt-4": seen }, 4200, "gpt-4", "provider"],
    [{}, 4200, "gpt-4", "factory"],
    [{ "4200/gpt-4": factoryPrior() }, 4200, "gpt-4", "factory"],
    [{ "4200/null": seen }, 4200, null, "lane"],
    [{ "null/gpt-4": seen }, null, "gpt-4", "provider"],
  ] as const)("among %o for lane %s and provider %s is that of the %s", (known, laneId, provider, source) => {
    expect(from(known as Record<string, Prior>)(laneId, provider)).toBe(source);
  });
});
