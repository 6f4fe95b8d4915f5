import { normalCdf, sampleQuantile } from "./quantiles.ts";

/** The least-squares slope over 0, 1, 2, …; 0 below two values. */
export function leastSquaresSlope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const spread = values.reduce((sum, _value, x) => sum + (x - middle) ** 2, 0);
  return spread === 0 ? 0 : values.reduce((sum, value, x) => sum + (x - middle) * value, 0) / spread;
}

/** The median of all pairwise slopes (Theil 1950, Sen 1968): one wild value does not turn it. */
export function theilSenSlope(values: readonly number[]): number {
  const slopes = pairs(values).map(({ rise, run }) => rise / run);
  return slopes.length === 0
    ? 0
    : sampleQuantile(
        slopes.sort((a, b) => a - b),
        0.5,
      );
}

/**
 * Two-sided p of "there is no trend" (Mann 1945, Kendall 1975): normal approximation with continuity
 * correction and without correction for ties; 1 below two values.
 */
export function mannKendallP(values: readonly number[]): number {
  const n = values.length;
  const score = pairs(values).reduce((sum, { rise }) => sum + Math.sign(rise), 0);
  const variance = (n * (n - 1) * (2 * n + 5)) / 18;
  if (score === 0 || variance === 0) return 1;
  return 2 * (1 - normalCdf((Math.abs(score) - 1) / Math.sqrt(variance)));
}

const pairs = (values: readonly number[]) =>
  values.flatMap((left, i) =>
    values.slice(i + 1).map((right, offset) => ({ rise: right - left, run: offset + 1 })),
  );
