import { gammaQuantile } from "./statistics/quantiles.ts";
import { cvOf } from "./statistics/lognormal.ts";
import { scatterOf, type Moments } from "./statistics/moments.ts";

/** What an interval is worth: below `high`, fewer tasks back it or they differ too much from their estimates. */
export type Reliability = "high" | "medium" | "low";

const FEW_TASKS = 10;
const MANY_TASKS = 30;
const WILD_CV = 0.6;
/** How sure it has to be that tasks are not that wild. */
const DOUBT = 0.25;

/** Spread of single tasks around the mean of their own group, as n and sum of squares. */
export interface Spread {
  n: number;
  degreesOfFreedom: number;
  scatter: number;
}

export function pooledSpread(groups: readonly Moments[]): Spread {
  return groups
    .filter(({ n }) => n > 0)
    .reduce(
      (sum, group) => ({
        n: sum.n + group.n,
        degreesOfFreedom: sum.degreesOfFreedom + group.n - 1,
        scatter: sum.scatter + scatterOf(group),
      }),
      { n: 0, degreesOfFreedom: 0, scatter: 0 },
    );
}

/** The coefficient of variation of single tasks; null below two in a group. */
export const taskCvOf = ({ degreesOfFreedom, scatter }: Spread): number | null =>
  degreesOfFreedom === 0 ? null : cvOf(scatter / degreesOfFreedom);

/**
 * Low below ten tasks, and unless their spread makes it likely that the true coefficient of variation is at most
 * 0.6: beyond it, and with heavier tails than a lognormal's, every method covers less than it says.
 */
export function reliabilityOf(spread: Spread): Reliability {
  if (spread.n < FEW_TASKS || spread.degreesOfFreedom === 0) return "low";
  const variance = spread.scatter / (2 * gammaQuantile(DOUBT, spread.degreesOfFreedom / 2));
  if (cvOf(variance) > WILD_CV) return "low";
  return spread.n >= MANY_TASKS ? "high" : "medium";
}
