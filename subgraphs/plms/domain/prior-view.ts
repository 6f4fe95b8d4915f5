import { factoryWeight } from "./calibration.ts";
import { interval, type Interval } from "./interval.ts";
import { METRICS, perTaskInterval, ratioInterval, type Metric, type MetricPrior } from "./prior.ts";
import type { PriorKey, PriorSource, SourcedPrior } from "./prior-fallback.ts";
import { cvOf } from "./statistics/lognormal.ts";
import { wilsonInterval } from "./statistics/wilson.ts";

/** A prior as people read it. */
export interface PriorView extends PriorKey, Record<Metric, PriorFigure> {
  source: PriorSource;
  observations: number;
  /** Share of the factory's word, 0-1. */
  factoryWeight: number;
}

/** One metric; amounts in its unit. */
interface PriorFigure {
  mean: number;
  stddev: number;
  interval: Interval;
  /** Null before the first run. */
  mae: number | null;
  /** Share of the mean, 0-1 and more. */
  maePct: number | null;
  meanOfLastErrors: number | null;
  bias: number | null;
  /** Median of actual / estimate. */
  ratio: number;
  ratioInterval: Interval;
  /** Coefficient of variation of single tasks within a run. */
  taskCv: number | null;
  observedCoverage: { hits: number; of: number; share: number; interval: Interval } | null;
}

export function viewOf(key: PriorKey, { source, prior }: SourcedPrior, alpha: number): PriorView {
  const figures = METRICS.map((metric) => [metric, figureOf(prior[metric])] as const);
  return {
    ...key,
    ...(Object.fromEntries(figures) as Record<Metric, PriorFigure>),
    source,
    observations: prior.observations,
    factoryWeight: factoryWeight(prior.observations, alpha),
  };
}

function figureOf(prior: MetricPrior): PriorFigure {
  const isNew = prior.errors.length === 0;
  const ratio = ratioInterval(prior);
  const errors = prior.errors.reduce((sum, error) => sum + error, 0);
  return {
    mean: prior.perTask.mu,
    stddev: Math.sqrt(prior.smoothedVariance),
    interval: perTaskInterval(prior),
    mae: isNew ? null : prior.mae,
    maePct: isNew ? null : prior.mae / prior.perTask.mu,
    meanOfLastErrors: isNew ? null : errors / prior.errors.length,
    bias: isNew ? null : prior.bias,
    ratio: Math.exp(prior.ratio.mu),
    ratioInterval: interval(Math.exp(ratio.low), Math.exp(ratio.high)),
    taskCv: prior.taskVariance === null ? null : cvOf(prior.taskVariance),
    observedCoverage: coverageOf(prior.hits),
  };
}

function coverageOf(hits: readonly boolean[]): PriorFigure["observedCoverage"] {
  if (hits.length === 0) return null;
  const count = hits.filter(Boolean).length;
  return {
    hits: count,
    of: hits.length,
    share: count / hits.length,
    interval: wilsonInterval(count, hits.length),
  };
}
