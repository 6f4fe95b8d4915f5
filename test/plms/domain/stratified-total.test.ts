import { describe, expect, test } from "vitest";
import { stratifiedTotal } from "../../../subgraphs/plms/domain/stratified-total.ts";

const golden = [
  { tasks: 60, values: [0.08, 0.1] },
  { tasks: 30, values: [0.2, 0.26] },
  { tasks: 10, values: [0.5, 0.8] },
];

describe("the textbook total of a stratified sample", () => {
  test("is 18.8000 ± 1.7041 with 2.144 degrees of freedom: 90 % between 14.045 and 23.555", () => {
    const found = stratifiedTotal(golden);
    expect(found?.total).toBeCloseTo(18.8, 10);
    expect(found?.standardError).toBeCloseTo(1.7041, 4);
    expect(found?.degreesOfFreedom).toBeCloseTo(2.144, 3);
    expect(found?.interval.low).toBeCloseTo(14.045, 3);
    expect(found?.interval.high).toBeCloseTo(23.555, 3);
  });

  test("never falls below what the sample cost already", () => {
    const wild = stratifiedTotal([{ tasks: 40, values: [0.01, 9] }]);
    expect(wild?.interval.low).toBeCloseTo(9.01, 10);
  });

  test("of strata that were sampled whole is certain", () => {
    const found = stratifiedTotal([{ tasks: 2, values: [1, 2] }]);
    expect(found?.interval).toEqual({ low: 3, high: 3, level: 0.9 });
  });

  test("is not known from one value that stands for others", () => {
    expect(stratifiedTotal([{ tasks: 5, values: [1] }])).toBeNull();
  });

  test("has the finite population correction that new draws of the unsampled tasks have", () => {
    const [N, n, s2] = [60, 2, 0.0002];
    expect((N - n) ** 2 * (s2 / n) + (N - n) * s2).toBeCloseTo((N * (N - n) * s2) / n, 12);
  });
});
