import { gammaQuantile } from "./statistics/quantiles.ts";
import { cvOf } from "./statistics/lognormal.ts";
import { scatterOf, type Moments } from "./statistics/moments.ts";

/** What an interval is worth: below `high`, fewer tasks back it or they differ too much from their estimates. */
export type Reliability = "high" | "medium" | "low";

/** From worst to best. */
const RELIABILITIES: readonly Reliability[] = ["low", "medium", "high"];

/** What several are worth together: as much as the least of them; HIGH of nothing. */
export const leastOf = (all: readonly Reliability[]): Reliability =>
  RELIABILITIES.find((one) => all.includes(one)) ?? "high";

const FEW_TASKS = 10;
/** Fewer than these, with those of earlier runs, may well hide a tail: one task in ten goes unseen in 30 once in 24 times. */
const TELLING_TASKS = 30;
const MANY_TASKS = 100;
const WILD_CV = 0.6;
/** How sure it has to be that tasks are not that wild. */
const DOUBT = 0.01;

/** Spread of single tasks around the mean of their own group, as n and sum of squares. */
export interface Spread {
  n: number;
  degreesOfFreedom: number;
  scatter: number;
}

export const NO_SPREAD: Spread = { n: 0, degreesOfFreedom: 0, scatter: 0 };

export const pooledSpread = (groups: readonly Moments[]): Spread =>
  sumOfSpreads(
    groups
      .filter(({ n }) => n > 0)
      .map((group) => ({ n: group.n, degreesOfFreedom: group.n - 1, scatter: scatterOf(group) })),
  );

export const sumOfSpreads = (spreads: readonly Spread[]): Spread =>
  spreads.reduce(
    (sum, spread) => ({
      n: sum.n + spread.n,
      degreesOfFreedom: sum.degreesOfFreedom + spread.degreesOfFreedom,
      scatter: sum.scatter + spread.scatter,
    }),
    NO_SPREAD,
  );

/** The coefficient of variation of single tasks; null below two in a group. */
export const taskCvOf = ({ degreesOfFreedom, scatter }: Spread): number | null =>
  degreesOfFreedom === 0 ? null : cvOf(scatter / degreesOfFreedom);

/**
 * Low below ten tasks, below thirty together with those of earlier runs, and unless the spread of all of them makes
 * it 99 % certain that the true coefficient of variation is at most 0.6: beyond it, and with heavier tails than a
 * lognormal's, every method covers less than it says. Low as well with a tail that was seen, and while a trend within
 * the run could still hide.
 */
export function reliabilityOf(
  own: Spread,
  earlier: Spread = NO_SPREAD,
  { mayHideTrend, hasTail }: { mayHideTrend: boolean; hasTail: boolean } = {
    mayHideTrend: false,
    hasTail: false,
  },
): Reliability {
  const all = sumOfSpreads([own, earlier]);
  if (own.n < FEW_TASKS || all.n < TELLING_TASKS || all.degreesOfFreedom === 0) return "low";
  const variance = all.scatter / (2 * gammaQuantile(DOUBT, all.degreesOfFreedom / 2));
  if (cvOf(variance) > WILD_CV || hasTail || mayHideTrend) return "low";
  return all.n >= MANY_TASKS ? "high" : "medium";
}
