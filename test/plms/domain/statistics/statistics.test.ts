import { describe, expect, test } from "vitest";
import { createDraws } from "../../../../subgraphs/plms/domain/statistics/draws.ts";
import {
  cvOf,
  lognormalWith,
  logVarianceOf,
} from "../../../../subgraphs/plms/domain/statistics/lognormal.ts";
import {
  addMoments,
  meanOf,
  momentsOf,
  varianceOf,
} from "../../../../subgraphs/plms/domain/statistics/moments.ts";
import {
  gammaQuantile,
  normalCdf,
  sampleQuantile,
  studentTCdf,
  studentTQuantile,
} from "../../../../subgraphs/plms/domain/statistics/quantiles.ts";
import { logGamma } from "../../../../subgraphs/plms/domain/statistics/special-functions.ts";
import {
  leastSquaresSlope,
  mannKendallP,
  theilSenSlope,
} from "../../../../subgraphs/plms/domain/statistics/trend.ts";
import { wilsonInterval } from "../../../../subgraphs/plms/domain/statistics/wilson.ts";

describe("the gamma function", () => {
  test.each([
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [1, 0],
    [5, Math.log(24)],
    [10.5, 13.940_625_219_403_763],
    [100, 359.134_205_369_575_4],
  ])("ln Γ(%d) is %d", (x, expected) => {
    expect(logGamma(x)).toBeCloseTo(expected, 11);
  });
});

describe("quantiles match published tables", () => {
  test.each([
    [1, 6.313_752],
    [2, 2.919_986],
    [5, 2.015_048],
    [30, 1.697_261],
    [1000, 1.646_379],
  ])("t(0.95) with %d degrees of freedom is %d", (df, expected) => {
    expect(studentTQuantile(0.95, df)).toBeCloseTo(expected, 5);
    expect(studentTQuantile(0.05, df)).toBeCloseTo(-expected, 5);
  });

  test("t(0.95) with 10/3 degrees of freedom, which no table has, is 2.2605", () => {
    expect(studentTQuantile(0.95, 10 / 3)).toBeCloseTo(2.2605, 4);
    expect(studentTCdf(2.2605, 10 / 3)).toBeCloseTo(0.95, 5);
  });

  test.each([
    // Half of chi-square quantiles with 2 × shape degrees of freedom.
    [0.05, 10, 5.4254],
    [0.95, 10, 15.7052],
    [0.05, 1, 0.051_293],
    [0.95, 0.5, 1.920_729],
  ])("gamma(%d) with shape %d is %d", (p, shape, expected) => {
    expect(gammaQuantile(p, shape)).toBeCloseTo(expected, 4);
  });

  test.each([
    [1.645, 0.950_015],
    [-1.96, 0.024_998],
    [0, 0.5],
  ])("the normal distribution at %d is %d", (z, expected) => {
    expect(normalCdf(z)).toBeCloseTo(expected, 6);
  });

  test("of a sample are interpolated", () => {
    expect(sampleQuantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(sampleQuantile([7], 0.9)).toBe(7);
  });
});

describe("seeded draws", () => {
  const many = (draw: () => number, n = 20_000) => momentsOf(Array.from({ length: n }, draw));

  test("are the same for the same seed", () => {
    const draw = (seed: number) => {
      const { normal, gamma } = createDraws(seed);
      return [normal(), gamma(0.4), normal(), gamma(3)];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test("of the normal have mean 0 and variance 1", () => {
    const moments = many(createDraws(1).normal);
    expect(meanOf(moments)).toBeCloseTo(0, 1);
    expect(varianceOf(moments)).toBeCloseTo(1, 1);
  });

  test.each([0.5, 1.7, 12])("of the gamma with shape %d have that mean and variance", (shape) => {
    const { gamma } = createDraws(2);
    const moments = many(() => gamma(shape));
    expect(meanOf(moments) / shape).toBeCloseTo(1, 1);
    expect(varianceOf(moments) / shape).toBeCloseTo(1, 1);
  });
});

describe("moments", () => {
  test("of parts add up to those of the whole", () => {
    const whole = momentsOf([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(addMoments(momentsOf([2, 4, 4]), momentsOf([4, 5, 5, 7, 9]))).toEqual(whole);
    expect(meanOf(whole)).toBe(5);
    expect(varianceOf(whole)).toBeCloseTo(32 / 7, 12);
  });

  test("of nothing and of one value have no variance", () => {
    expect(meanOf(momentsOf([]))).toBe(0);
    expect(varianceOf(momentsOf([3]))).toBe(0);
  });

  test("give the lognormal with the same mean and variance", () => {
    const { mu, variance } = lognormalWith({ mean: 10, variance: 9 });
    expect(Math.exp(mu + variance / 2)).toBeCloseTo(10, 10);
    expect(Math.expm1(variance) * 100).toBeCloseTo(9, 10);
    expect(cvOf(logVarianceOf(0.6))).toBeCloseTo(0.6, 12);
  });
});

describe("rates with few counts", () => {
  test("3 of 200 are between 0.601 % and 3.694 %", () => {
    const { low, high } = wilsonInterval(3, 200);
    expect([low, high].map((share) => (share * 100).toFixed(3))).toEqual(["0.601", "3.694"]);
  });

  test("never leave 0-1, and say nothing of no trials", () => {
    expect(wilsonInterval(0, 5)).toMatchObject({ low: 0 });
    expect(wilsonInterval(5, 5).high).toBeLessThanOrEqual(1);
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1, level: 0.9 });
  });
});

describe("trends", () => {
  test("of a line are its slope, by both estimators", () => {
    expect(leastSquaresSlope([1, 3, 5, 7])).toBeCloseTo(2, 12);
    expect(theilSenSlope([1, 3, 5, 7])).toBe(2);
  });

  test("are not turned by one wild value when Theil and Sen look", () => {
    expect(theilSenSlope([1, 2, 3, 400, 5, 6, 7])).toBeCloseTo(1, 1);
    expect(leastSquaresSlope([1, 2, 3, 400, 5, 6, 7])).toBeGreaterThan(0.9);
  });

  test.each([
    // S = 10, Var = 16.667: z = 9 / 4.0825.
    [[1, 2, 3, 4, 5], 0.0275],
    [[5, 4, 3, 2, 1], 0.0275],
    [[1, 1, 1, 1], 1],
    [[], 1],
  ])("of %j are doubted with p = %d (Mann-Kendall)", (values, p) => {
    expect(mannKendallP(values)).toBeCloseTo(p, 4);
  });
});
