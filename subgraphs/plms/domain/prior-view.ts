import { factoryWeight } from "./calibration.ts";
import { interval, LEVEL, type Interval } from "./statistics/interval.ts";
import {
  CONFORMAL_FROM,
  METRICS,
  perTaskInterval,
  ratioInterval,
  type Metric,
  type MetricPrior,
  type Prior,
} from "./prior.ts";
import { pooledRatio, type PooledRatio } from "./partial-pooling.ts";
import type { PriorKey, PriorSource, SourcedPrior } from "./prior-fallback.ts";
import type { Reliability } from "./reliability.ts";
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
  /** The same of a provider in a lane, weighed against all runs of the lane; equal to `ratio` for all others. */
  pooledRatio: number;
  /** Share of the lane's word in that, 0-1. */
  laneShare: number;
  ratioInterval: Interval;
  /** Coefficient of variation of single tasks within a run. */
  taskCv: number | null;
  /** What `ratioInterval` is worth. */
  reliability: Reliability;
  observedCoverage: { hits: number; of: number; share: number; interval: Interval } | null;
}

/** The lane of a provider's prior, and all that is known of its providers. */
export interface LaneExperience {
  lane: Prior;
  providers: readonly Prior[];
}

export function viewOf(
  key: PriorKey,
  { source, prior }: SourcedPrior,
  { alpha, experience }: { alpha: number; experience: LaneExperience | undefined },
): PriorView {
  const pooledIn = (metric: Metric): PooledRatio =>
    experience && source === "lane_provider"
      ? pooledRatio(prior[metric], {
          lane: experience.lane[metric],
          providers: experience.providers.map((provider) => provider[metric]),
        })
      : { mu: prior[metric].ratio.mu, laneShare: 0 };
  const figures = METRICS.map((metric) => [metric, figureOf(prior[metric], pooledIn(metric))] as const);
  return {
    ...key,
    ...(Object.fromEntries(figures) as Record<Metric, PriorFigure>),
    source,
    observations: prior.observations,
    factoryWeight: factoryWeight(prior.observations, alpha),
  };
}

function figureOf(prior: MetricPrior, pooled: PooledRatio): PriorFigure {
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
    pooledRatio: Math.exp(pooled.mu),
    laneShare: pooled.laneShare,
    ratioInterval: interval(Math.exp(ratio.low), Math.exp(ratio.high)),
    taskCv: prior.taskVariance === null ? null : cvOf(prior.taskVariance),
    reliability: reliabilityOfPrior(prior),
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

/** Fewer runs than these do not show how much runs differ. */
const SETTLED_RUNS = 3;
/** From here on an interval that failed too often has shown it. */
const TELLING_RUNS = 10;

/** Low before the third run, and when the intervals published so far held less often than they said. */
export function reliabilityOfPrior({ hits }: Pick<MetricPrior, "hits">): Reliability {
  const held = wilsonInterval(hits.filter(Boolean).length, hits.length);
  if (hits.length < SETTLED_RUNS || (hits.length >= TELLING_RUNS && held.high < LEVEL)) return "low";
  return hits.length >= CONFORMAL_FROM ? "high" : "medium";
}
