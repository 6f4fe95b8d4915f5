import type { Belief } from "./calibration.ts";
import { completionOf } from "./completion-cost.ts";
import type { Effort } from "./extrapolate.ts";
import { contains, type Interval } from "./statistics/interval.ts";
import { METRICS, type Metric } from "./prior.ts";
import { beyondEstimate } from "./task-belief.ts";

/** What a project was estimated at and what its newest run came to, by lane. */
export interface MetricsLane {
  laneId: number;
  estimated: Effort;
  /** Sums of the squared estimates. */
  estimatedSquared: Effort;
  /** What the estimates say already of ln(actual / estimate). */
  learntLogRatio: Effort;
  /** Of the newest run that does the project's work. */
  actual: Effort;
}

export interface Figures extends Effort {
  intervals: Record<Metric, Interval> | null;
}

/** Relative errors in percent; null where nothing was estimated. */
export interface Accuracy {
  errorPct: Record<Metric, number | null>;
  isInside: Record<Metric, boolean> | null;
}

const DRAWS = 1000;
const SEED = 1;

/** The estimates of the whole project, with where earlier runs say that it will end. */
export function estimatedFigures(
  lanes: readonly MetricsLane[],
  beliefOf: ((laneId: number, metric: Metric) => Belief) | undefined,
): Figures {
  const intervalOf = (metric: Metric): Interval =>
    completionOf(
      0,
      lanes.map(({ laneId, estimated, estimatedSquared, learntLogRatio }) => ({
        estimated: estimated[metric],
        estimatedSquared: estimatedSquared[metric],
        belief: beyondEstimate(
          beliefOf?.(laneId, metric) ?? { mu: 0, kappa: 1, a: 1, b: 0 },
          learntLogRatio[metric],
        ),
      })),
      { draws: DRAWS, seed: SEED },
    ).interval;
  return { ...totalOf(lanes, "estimated"), intervals: beliefOf ? byMetric(intervalOf) : null };
}

/** How far the estimates were off: meaningful once the run is over. */
export function accuracyOf(estimated: Figures, actual: Effort): Accuracy {
  const { intervals } = estimated;
  return {
    errorPct: byMetric((metric) =>
      estimated[metric] === 0
        ? null
        : (Math.abs(actual[metric] - estimated[metric]) / estimated[metric]) * 100,
    ),
    isInside: intervals && byMetric((metric) => contains(intervals[metric], actual[metric])),
  };
}

export const totalOf = (lanes: readonly MetricsLane[], what: "estimated" | "actual"): Effort =>
  byMetric((metric) => lanes.reduce((sum, lane) => sum + lane[what][metric], 0));

const byMetric = <T>(valueOf: (metric: Metric) => T): Record<Metric, T> =>
  Object.fromEntries(METRICS.map((metric) => [metric, valueOf(metric)])) as Record<Metric, T>;
