import {
  beliefWithScale,
  beliefWithVariance,
  DEFAULT_ALPHA,
  factoryWeight,
  observe,
  predictiveInterval,
  winsorized,
  type Belief,
} from "./calibration.ts";
import { contains, interval, LEVEL, UPPER_TAIL, type Interval } from "./statistics/interval.ts";
import { logVarianceOf } from "./statistics/lognormal.ts";
import { varianceOf, type Moments } from "./statistics/moments.ts";
import { studentTQuantile } from "./statistics/quantiles.ts";

export const METRICS = ["tokens", "durationMs", "costUsd"] as const;
export type Metric = (typeof METRICS)[number];

/** What is known about the tasks of a lane, or of a provider, or of a provider in a lane. */
export interface Prior extends Record<Metric, MetricPrior> {
  /** Runs that it has learnt from. */
  observations: number;
}

/** One metric; `perTask` in its own unit, everything else about the logarithm of actual / estimate. */
export interface MetricPrior {
  perTask: Belief;
  /** Exponentially weighted variance of the mean per task (Finch 2009), in squared units. */
  smoothedVariance: number;
  /** ln(sum of actuals / sum of estimates) of a run. */
  ratio: Belief;
  /** Variance of ln(actual / estimate) from task to task within a run; null before any was seen. */
  taskVariance: number | null;
  /** As how many degrees of freedom the tasks behind that variance count: older runs fade. */
  taskFreedom: number;
  /** Smoothed |actual - predicted| and actual - predicted of the mean per task, in its unit. */
  mae: number;
  bias: number;
  /** The newest |errors| of the mean per task, oldest first. */
  errors: readonly number[];
  /** The newest |ln(actual / estimate) - predicted|, oldest first. */
  residuals: readonly number[];
  /** Whether the newest runs came out inside the interval published before them, oldest first. */
  hits: readonly boolean[];
}

/** A finished run as one lane and provider saw it. */
export type Observation = Record<Metric, MetricObservation>;

export interface MetricObservation {
  /** Mean of the tasks, in the unit of the metric. */
  perTask: number;
  /** ln(sum of actuals / sum of estimates); null where nothing was estimated or nothing spent. */
  logRatio: number | null;
  /** ln(actual / estimate) of each task. */
  tasks: Moments;
}

/** What the factory says of any task, as mean and standard deviation (30 %). */
export const FACTORY: Readonly<Record<Metric, { mean: number; stddev: number }>> = {
  tokens: { mean: 3000, stddev: 900 },
  durationMs: { mean: 300_000, stddev: 90_000 },
  costUsd: { mean: 0.18, stddev: 0.054 },
};

const FACTORY_CV = 0.3;
/** As how many runs the factory's word about the spread counts. */
const FACTORY_RUNS = 16;
const HITS_KEPT = 50;
const ERRORS_KEPT = 20;
/** From here on the residuals seen say more than the model does. */
export const CONFORMAL_FROM = 19;

export function factoryPrior(alpha = DEFAULT_ALPHA): Prior {
  const spread = logVarianceOf(FACTORY_CV);
  const of = (metric: Metric): MetricPrior => ({
    perTask: beliefWithScale(FACTORY[metric].mean, FACTORY[metric].stddev, alpha),
    smoothedVariance: FACTORY[metric].stddev ** 2,
    ratio: beliefWithVariance(-spread / 2, spread, alpha),
    taskVariance: null,
    taskFreedom: 0,
    mae: 0,
    bias: 0,
    errors: [],
    residuals: [],
    hits: [],
  });
  return { observations: 0, tokens: of("tokens"), durationMs: of("durationMs"), costUsd: of("costUsd") };
}

/** The prior after one more run; outliers are pulled in and named. */
export function learn(
  prior: Prior,
  observation: Observation,
  alpha = DEFAULT_ALPHA,
): { prior: Prior; outliers: Metric[] } {
  const outliers = METRICS.filter((metric) => isOutlying(prior[metric], observation[metric]));
  const next = (metric: Metric) => learnMetric(prior[metric], observation[metric], alpha);
  return {
    outliers,
    prior: {
      observations: prior.observations + 1,
      tokens: next("tokens"),
      durationMs: next("durationMs"),
      costUsd: next("costUsd"),
    },
  };
}

/** Where the ratio of the next run is expected: split conformal (Vovk 2005) once enough runs were seen. */
export function ratioInterval(prior: MetricPrior): Interval {
  const n = prior.residuals.length;
  const half =
    n < CONFORMAL_FROM
      ? studentTQuantile(UPPER_TAIL, ratioSpread(prior).df) * ratioSpread(prior).scale
      : (prior.residuals.toSorted((a, b) => a - b)[Math.min(n, Math.ceil(LEVEL * (n + 1))) - 1] ?? 0);
  return interval(prior.ratio.mu - half, prior.ratio.mu + half);
}

/**
 * The Student t that the ratio of the next run is expected to follow around its mean: the errors of the predictions
 * made so far, and the factory's word, which counts as sixteen of them and fades as it does in the mean. The factory's
 * variance is that of a run around the smoothed mean (Roberts 1959): s^2 (1 + alpha / (2 - alpha)).
 */
export function ratioSpread({ ratio, residuals }: MetricPrior): { scale: number; df: number } {
  const alpha = 1 / ratio.kappa;
  const factory = FACTORY_RUNS * factoryWeight(residuals.length, alpha);
  const df = factory + residuals.length;
  const expected = logVarianceOf(FACTORY_CV) * (1 + alpha / (2 - alpha));
  const scatter = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  return { scale: Math.sqrt((factory * expected + scatter) / df), df };
}

/** Where the mean per task of the next run is expected, never below 0. */
export function perTaskInterval(prior: MetricPrior): Interval {
  const { low, high } = predictiveInterval(prior.perTask);
  return interval(Math.max(0, low), high);
}

function isOutlying(prior: MetricPrior, { perTask, logRatio }: MetricObservation): boolean {
  return (
    winsorized(prior.perTask, perTask).isOutlier ||
    (logRatio !== null && winsorized(prior.ratio, logRatio).isOutlier)
  );
}

function learnMetric(prior: MetricPrior, observation: MetricObservation, alpha: number): MetricPrior {
  const { value } = winsorized(prior.perTask, observation.perTask);
  const error = observation.perTask - prior.perTask.mu;
  const smooth = (old: number, fresh: number) => (1 - alpha) * old + alpha * fresh;
  return {
    perTask: observe(prior.perTask, value, alpha),
    smoothedVariance: (1 - alpha) * (prior.smoothedVariance + alpha * (value - prior.perTask.mu) ** 2),
    taskVariance: smoothedTaskVariance(prior.taskVariance, observation.tasks, alpha),
    taskFreedom: (1 - alpha) * prior.taskFreedom + Math.max(0, observation.tasks.n - 1),
    mae: prior.errors.length === 0 ? Math.abs(error) : smooth(prior.mae, Math.abs(error)),
    bias: prior.errors.length === 0 ? error : smooth(prior.bias, error),
    errors: [...prior.errors, Math.abs(error)].slice(-ERRORS_KEPT),
    ...learnRatio(prior, observation.logRatio, alpha),
  };
}

function learnRatio(prior: MetricPrior, y: number | null, alpha: number) {
  const { ratio, residuals, hits } = prior;
  if (y === null) return { ratio, residuals, hits };
  return {
    ratio: observe(ratio, winsorized(ratio, y).value, alpha),
    residuals: [...residuals, Math.abs(y - ratio.mu)].slice(-HITS_KEPT),
    hits: [...hits, contains(ratioInterval(prior), y)].slice(-HITS_KEPT),
  };
}

function smoothedTaskVariance(known: number | null, tasks: Moments, alpha: number): number | null {
  if (tasks.n < 2) return known;
  const seen = varianceOf(tasks);
  return known === null ? seen : (1 - alpha) * known + alpha * seen;
}
