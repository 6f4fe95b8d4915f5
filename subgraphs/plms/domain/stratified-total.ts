import { interval, UPPER_TAIL, type Interval } from "./statistics/interval.ts";
import { meanOf, momentsOf, varianceOf } from "./statistics/moments.ts";
import { studentTQuantile } from "./statistics/quantiles.ts";

/** A total as a textbook estimates it from a stratified sample. */
export interface ClassicalTotal {
  total: number;
  standardError: number;
  /** Satterthwaite's; infinite when nothing is uncertain. */
  degreesOfFreedom: number;
  interval: Interval;
}

/**
 * The expansion estimator with finite population correction (Cochran 1977, ch. 5): each stratum counts with its
 * size times the mean of its sample. Null when a stratum has a single value that has to stand for others.
 */
export function stratifiedTotal(
  strata: readonly { tasks: number; values: readonly number[] }[],
): ClassicalTotal | null {
  if (strata.some(({ tasks, values }) => values.length < 2 && values.length < tasks)) return null;
  const parts = strata.map(({ tasks, values }) => {
    const n = values.length;
    const moments = momentsOf(values);
    const variance = (tasks * (tasks - n) * varianceOf(moments)) / n;
    return { total: tasks * meanOf(moments), sum: moments.sum, variance, df: n - 1 };
  });
  const total = parts.reduce((sum, part) => sum + part.total, 0);
  const observed = parts.reduce((sum, part) => sum + part.sum, 0);
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  if (variance === 0) {
    return {
      total,
      standardError: 0,
      degreesOfFreedom: Number.POSITIVE_INFINITY,
      interval: interval(total, total),
    };
  }
  const spread = parts
    .filter((part) => part.variance > 0)
    .reduce((sum, part) => sum + part.variance ** 2 / part.df, 0);
  const degreesOfFreedom = variance ** 2 / spread;
  const half = studentTQuantile(UPPER_TAIL, degreesOfFreedom) * Math.sqrt(variance);
  return {
    total,
    standardError: Math.sqrt(variance),
    degreesOfFreedom,
    interval: interval(Math.max(observed, total - half), total + half),
  };
}
