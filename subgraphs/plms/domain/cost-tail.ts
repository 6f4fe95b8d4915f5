import type { LedgerLane, ProjectLedger, RunLane } from "./budget-ledger.ts";
import type { Belief } from "./calibration.ts";
import { meanOf, scatterOf } from "./statistics/moments.ts";

/** Tasks that cost many times what the others do relative to their estimates. */
export interface CostTail {
  isSeen: boolean;
  /** What ln(actual / estimate) has beyond the beliefs, which a lognormal cannot say; 0 without a tail. */
  shift: number;
  /** How far that may be off, as a standard deviation; 0 without a tail. */
  sd: number;
}

const NO_TAIL: CostTail = { isSeen: false, shift: 0, sd: 0 };
/** Standard errors that the skewness of a lognormal's logarithm, 0, is exceeded by. */
const SIGNIFICANT = 2.5;
const FEWEST = 8;
/** As how many tasks the beliefs count against the plain sums. */
const BELIEVED_TASKS = 10;
/** Coefficient of variation of single tasks where one in twenty is several times dearer. */
const TAIL_CV = 1.1;

/**
 * Finds a tail by the skewness of the logarithms, which no lognormal has. With one, the plain sums of what was spent
 * and estimated say more of the mean than the logarithms do, and few tasks say little of it.
 */
export function tailOf({ lanes, runs }: ProjectLedger, beliefOf: (lane: LedgerLane) => Belief): CostTail {
  const done = runs.filter(({ kind }) => kind !== "rehearsal").flatMap((run) => run.lanes);
  const n = done.reduce((sum, { ratios }) => sum + ratios.n, 0);
  if (n < FEWEST || skewnessOf(done, n) / Math.sqrt(6 / n) < SIGNIFICANT) return NO_TAIL;
  const expected = lanes.reduce((sum, lane) => {
    const { mu, a, b } = beliefOf(lane);
    const estimated = done
      .filter(({ laneId }) => laneId === lane.laneId)
      .reduce((usd, { estimatedUsd }) => usd + estimatedUsd, 0);
    return sum + estimated * Math.exp(mu + b / a / 2);
  }, 0);
  const spent = done.reduce((sum, { usdSpent }) => sum + usdSpent, 0);
  const beyond = expected > 0 && spent > 0 ? Math.log(spent / expected) : 0;
  return {
    isSeen: true,
    shift: (Math.max(0, beyond) * n) / (n + BELIEVED_TASKS),
    sd: TAIL_CV / Math.sqrt(n),
  };
}

function skewnessOf(done: readonly RunLane[], n: number): number {
  const scatter = done.reduce((sum, { ratios }) => sum + scatterOf(ratios), 0);
  const cubes = done.reduce((sum, { ratios, ratioCubes }) => {
    const mean = meanOf(ratios);
    return sum + ratioCubes - 3 * mean * ratios.sumOfSquares + 2 * ratios.n * mean ** 3;
  }, 0);
  return scatter > 0 ? cubes / n / (scatter / n) ** 1.5 : 0;
}
