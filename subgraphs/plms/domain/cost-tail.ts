import type { ProjectLedger, RunLane } from "./budget-ledger.ts";
import { meanOf, scatterOf } from "./statistics/moments.ts";

/** Standard errors that the skewness of a lognormal's logarithm, 0, is exceeded by. */
const SIGNIFICANT = 2.5;
const FEWEST = 8;
/** Coefficient of variation of single tasks where one in twenty is several times dearer. */
const TAIL_CV = 1.1;

/**
 * How far all open work may be off because some tasks cost many times what the others do relative to their estimates:
 * standard deviation of ln(actual / estimate), 0 where no tail is seen. It is found by the skewness of the logarithms, which no
 * lognormal has, and the more tasks, the better its share of them is known.
 */
export function tailSdOf({ runs }: Pick<ProjectLedger, "runs">): number {
  const done = runs.filter(({ kind }) => kind !== "rehearsal").flatMap((run) => run.lanes);
  const n = done.reduce((sum, { ratios }) => sum + ratios.n, 0);
  const isSeen = n >= FEWEST && skewnessOf(done, n) / Math.sqrt(6 / n) >= SIGNIFICANT;
  return isSeen ? TAIL_CV / Math.sqrt(n) : 0;
}

function skewnessOf(done: readonly RunLane[], n: number): number {
  const scatter = done.reduce((sum, { ratios }) => sum + scatterOf(ratios), 0);
  const cubes = done.reduce((sum, { ratios, ratioCubes }) => {
    const mean = meanOf(ratios);
    return sum + ratioCubes - 3 * mean * ratios.sumOfSquares + 2 * ratios.n * mean ** 3;
  }, 0);
  return scatter > 0 ? cubes / n / (scatter / n) ** 1.5 : 0;
}
