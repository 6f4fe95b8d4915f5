import type { Belief } from "./calibration.ts";
import { interval, LOWER_TAIL, UPPER_TAIL, type Interval } from "./statistics/interval.ts";
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

/** Draws once what pieces of work share, and from that, and its drawn variance, the mean of ln(actual / estimate) of each. */
export type MeansOf<Work> = (random: Draws) => (work: Work, logVariance: number) => number;

const apart: MeansOf<OpenWork> =
  (random) =>
  ({ belief }, logVariance) =>
    belief.mu + Math.sqrt(logVariance / belief.kappa) * random.normal();

/**
 * Spent plus the posterior predictive of the open work, by seeded draws: the tasks of one piece of work share
 * the drawn mean and spread, so that their errors do not cancel out, and the sum of its lognormals is drawn as
 * one lognormal with the same moments.
 *
 * @param options `meansOf`: for pieces of work that are off together
 */
export function completionOf<Work extends OpenWork>(
  spent: number,
  open: readonly Work[],
  { draws, seed, meansOf = apart }: { draws: number; seed: number; meansOf?: MeansOf<Work> },
): Completion {
  const pending = open.filter(({ estimated }) => estimated > 0);
  const random = createDraws(seed);
  const totals = Float64Array.from({ length: pending.length > 0 ? draws : 1 }, () => {
    const meanOf = meansOf(random);
    return pending.reduce((total, work) => total + drawWork(work, { meanOf, random }), spent);
  }).sort();
  return {
    median: sampleQuantile(totals, 0.5),
    interval: interval(sampleQuantile(totals, LOWER_TAIL), sampleQuantile(totals, UPPER_TAIL)),
    upper: (probability) => sampleQuantile(totals, probability),
    probabilityAbove: (amount) =>
      totals.reduce((count, total) => count + (total > amount ? 1 : 0), 0) / totals.length,
  };
}

function drawWork<Work extends OpenWork>(
  work: Work,
  { meanOf, random }: { meanOf: ReturnType<MeansOf<Work>>; random: Draws },
): number {
  const { estimated, estimatedSquared, belief } = work;
  const logVariance = Math.min(WIDEST_LOG_VARIANCE, belief.b / random.gamma(belief.a));
  const ratio = Math.exp(meanOf(work, logVariance) + logVariance / 2);
  const total = lognormalWith({
    mean: estimated * ratio,
    variance: estimatedSquared * ratio * ratio * Math.expm1(logVariance),
  });
  return Math.exp(total.mu + Math.sqrt(total.variance) * random.normal());
}
