import { predictiveScale, type Belief } from "./calibration.ts";
import type { MetricPrior } from "./prior.ts";
import { logVarianceOf } from "./statistics/lognormal.ts";
import { meanOf, scatterOf, type Moments } from "./statistics/moments.ts";

/** What ln(actual / estimate) of single tasks is expected to be before any of them is done. */
export const FACTORY_TASKS: Belief = taskBelief({
  meanRatio: 1,
  variance: logVarianceOf(0.43),
  kappa: 2,
  a: 2,
});

/** As how many tasks the spread that earlier runs had counts, halved. */
const SPREAD_WEIGHT = 3;
const WEAKEST = 0.05;
const STRONGEST = 20;

/** The belief about tasks of a lane that follows from what earlier runs taught. */
export function tasksOf(prior: MetricPrior): Belief {
  if (prior.taskVariance === null || prior.taskVariance === 0) return FACTORY_TASKS;
  const betweenRuns = predictiveScale(prior.ratio) ** 2;
  const kappa = Math.min(STRONGEST, Math.max(WEAKEST, prior.taskVariance / betweenRuns));
  return {
    mu: prior.ratio.mu - prior.taskVariance / 2,
    kappa,
    a: SPREAD_WEIGHT,
    b: SPREAD_WEIGHT * prior.taskVariance,
  };
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
