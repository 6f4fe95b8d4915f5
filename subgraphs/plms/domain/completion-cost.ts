import type { Belief } from "./calibration.ts";
import { interval, LOWER_TAIL, UPPER_TAIL, type Interval } from "./interval.ts";
import { createDraws, type Draws } from "./statistics/draws.ts";
import { lognormalWith } from "./statistics/lognormal.ts";
import { sampleQuantile } from "./statistics/quantiles.ts";

/** Tasks still to do that share how far off their estimates are, in any unit that adds up. */
export interface OpenWork {
  /** Sum of their estimates. */
  estimated: number;
  /** Sum of the squares of their estimates. */
  estimatedSquared: number;
  /** About ln(actual / estimate) of one of them. */
  belief: Belief;
}

/** What everything will come to. */
export interface Completion {
  median: number;
  interval: Interval;
  /** The amount that it stays below with a probability. */
  upper(probability: number): number;
  /** Share of the draws above an amount. */
  probabilityAbove(amount: number): number;
}

/** Beyond this the logarithm varies by more than any real task: a draw there is the tail's own artefact. */
const WIDEST_LOG_VARIANCE = 2;

/**
 * Spent plus the posterior predictive of the open work, by seeded draws: the tasks of one piece of work share
 * the drawn mean and spread, so that their errors do not cancel out, and the sum of its lognormals is drawn as
 * one lognormal with the same moments.
 *
 * @param options `sharedSd`: how far all open work may be off together, as standard deviation of the logarithm
 */
export function completionOf(
  spent: number,
  open: readonly OpenWork[],
  { draws, seed, sharedSd = 0 }: { draws: number; seed: number; sharedSd?: number },
): Completion {
  const pending = open.filter(({ estimated }) => estimated > 0);
  const random = createDraws(seed);
  const totals = Float64Array.from({ length: pending.length > 0 ? draws : 1 }, () =>
    drawTotal(spent, { pending, sharedSd }, random),
  ).sort();
  return {
    median: sampleQuantile(totals, 0.5),
    interval: interval(sampleQuantile(totals, LOWER_TAIL), sampleQuantile(totals, UPPER_TAIL)),
    upper: (probability) => sampleQuantile(totals, probability),
    probabilityAbove: (amount) =>
      totals.reduce((count, total) => count + (total > amount ? 1 : 0), 0) / totals.length,
  };
}

/** What all open work shares beyond its beliefs is drawn once, by its standard deviation of the logarithm. */
function drawTotal(
  spent: number,
  { pending, sharedSd }: { pending: readonly OpenWork[]; sharedSd: number },
  random: Draws,
): number {
  const shared = sharedSd > 0 ? Math.exp(sharedSd * random.normal()) : 1;
  return pending.reduce((total, work) => total + shared * drawWork(work, random), spent);
}

function drawWork({ estimated, estimatedSquared, belief }: OpenWork, random: Draws): number {
  const logVariance = Math.min(WIDEST_LOG_VARIANCE, belief.b / random.gamma(belief.a));
  const mu = belief.mu + Math.sqrt(logVariance / belief.kappa) * random.normal();
  const ratio = Math.exp(mu + logVariance / 2);
  const total = lognormalWith({
    mean: estimated * ratio,
    variance: estimatedSquared * ratio * ratio * Math.expm1(logVariance),
  });
  return Math.exp(total.mu + Math.sqrt(total.variance) * random.normal());
}
