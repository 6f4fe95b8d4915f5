import { predictiveScale, type Belief } from "./calibration.ts";
import type { MetricPrior } from "./prior.ts";
import { NO_SPREAD, type Spread } from "./reliability.ts";
import { logVarianceOf } from "./statistics/lognormal.ts";
import { meanOf, scatterOf, type Moments } from "./statistics/moments.ts";

/**
 * What ln(actual / estimate) of single tasks is expected to be before any of them is done: chosen so that the
 * intervals of first projects hold about as often as they say at coefficients of variation from 0.3 to 0.6.
 */
export const FACTORY_TASKS: Belief = taskBelief({
  meanRatio: 1,
  variance: logVarianceOf(0.4),
  kappa: 2,
  a: 2,
});

/** As how many tasks the spread that earlier runs had counts at most: this project's tasks may differ from theirs. */
const MOST_FREEDOM = 20;
/** As how many tasks at most the spread of other lanes counts in one of its own. */
const MOST_FOREIGN = 10;
/** As how many tasks the mean that earlier runs had counts, at least and at most. */
const WEAKEST = 0.05;
const STRONGEST = 200;

/** The belief about tasks of a lane that follows from what earlier runs taught. */
export function tasksOf(prior: MetricPrior): Belief {
  if (prior.taskVariance === null || prior.taskVariance === 0) {
    const learnt = prior.residuals.length === 0 ? 0 : prior.ratio.mu;
    return { ...FACTORY_TASKS, mu: FACTORY_TASKS.mu + learnt };
  }
  const kappa = Math.min(
    STRONGEST,
    Math.max(WEAKEST, prior.taskVariance / nextBias(prior, prior.taskVariance)),
  );
  const a = Math.min(MOST_FREEDOM, FACTORY_TASKS.a * 2 + prior.taskFreedom) / 2;
  return { mu: prior.ratio.mu - prior.taskVariance / 2, kappa, a, b: a * prior.taskVariance };
}

/**
 * How far the tasks of the next run are expected to be off together, squared: how much runs differ, without the part that their
 * tasks explain by chance, and at least as far as the smoothed mean itself may be off.
 */
function nextBias({ ratio, taskFreedom, hits }: MetricPrior, taskVariance: number): number {
  const alpha = 1 / ratio.kappa;
  const tasksPerRun = 1 + (taskFreedom * alpha) / (1 - (1 - alpha) ** Math.max(1, hits.length));
  const meanError = ratio.b / ratio.a / ratio.kappa;
  return Math.max(meanError, predictiveScale(ratio) ** 2 - taskVariance / tasksPerRun);
}

/** The same of estimates that say so much of ln(actual / estimate) already, because they were learnt from it. */
export const beyondEstimate = (belief: Belief, learntLogRatio: number): Belief => ({
  ...belief,
  mu: belief.mu - learntLogRatio,
});

/** What earlier runs showed of how much tasks differ. */
export const spreadBehind = ({ taskVariance, taskFreedom }: MetricPrior): Spread =>
  taskVariance === null || taskFreedom === 0
    ? NO_SPREAD
    : { n: taskFreedom + 1, degreesOfFreedom: taskFreedom, scatter: taskVariance * taskFreedom };

/** The belief when tasks of other lanes have shown how much tasks differ; of their mean they say nothing. */
export function withSpreadOf(belief: Belief, { degreesOfFreedom, scatter }: Spread): Belief {
  if (degreesOfFreedom === 0) return belief;
  const weight = Math.min(1, MOST_FOREIGN / degreesOfFreedom) / 2;
  return { ...belief, a: belief.a + weight * degreesOfFreedom, b: belief.b + weight * scatter };
}

/** The belief after seeing tasks (Murphy 2007, eq. 85-89), none of them discounted. */
export function afterTasks({ mu, kappa, a, b }: Belief, seen: Moments): Belief {
  if (seen.n === 0) return { mu, kappa, a, b };
  const weight = kappa + seen.n;
  const distance = meanOf(seen) - mu;
  return {
    mu: mu + (seen.n * distance) / weight,
    kappa: weight,
    a: a + seen.n / 2,
    b: b + scatterOf(seen) / 2 + (kappa * seen.n * distance * distance) / (2 * weight),
  };
}

function taskBelief(spec: { meanRatio: number; variance: number; kappa: number; a: number }): Belief {
  return {
    mu: Math.log(spec.meanRatio) - spec.variance / 2,
    kappa: spec.kappa,
    a: spec.a,
    b: spec.a * spec.variance,
  };
}
