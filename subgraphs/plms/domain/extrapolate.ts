import type { Complexity } from "./project.ts";
import type { StratifiedSample } from "./stratified-sample.ts";

/** What tasks take: tokens, milliseconds of work, USD. */
export interface Effort {
  tokens: number;
  durationMs: number;
  costUsd: number;
}

export interface Extrapolation {
  /** Expected totals of all tasks. */
  total: Effort;
  /** Mean of the sampled tasks of each stratum. */
  means: readonly { complexity: Complexity; mean: Effort }[];
}

/** Estimates the whole from a sample: each stratum counts with its size times the mean of its sample. */
export function extrapolate<T>(sample: StratifiedSample<T>, effortOf: (task: T) => Effort): Extrapolation {
  const strata = sample.strata.map(({ complexity, tasksTotal, sampled }) => ({
    complexity,
    tasksTotal,
    mean: scale(sampled.map(effortOf).reduce(add, NOTHING), 1 / sampled.length),
  }));
  return {
    total: strata.map(({ tasksTotal, mean }) => scale(mean, tasksTotal)).reduce(add, NOTHING),
    means: strata.map(({ complexity, mean }) => ({ complexity, mean })),
  };
}

const NOTHING: Effort = { tokens: 0, durationMs: 0, costUsd: 0 };

const add = (a: Effort, b: Effort): Effort => ({
  tokens: a.tokens + b.tokens,
  durationMs: a.durationMs + b.durationMs,
  costUsd: a.costUsd + b.costUsd,
});

const scale = (effort: Effort, factor: number): Effort => ({
  tokens: effort.tokens * factor,
  durationMs: effort.durationMs * factor,
  costUsd: effort.costUsd * factor,
});
