/** A variance needs two tasks. */
const FEWEST = 2;

/** A part of the tasks; `spread` is the standard deviation of what its tasks come to, 0 when unknown. */
export interface AllocatedStratum {
  tasks: number;
  spread: number;
}

/**
 * How many tasks to draw from each stratum: in proportion to tasks x spread where spreads are known (Neyman 1934),
 * else to the tasks; at least two and never more than there are.
 */
export function allocate(strata: readonly AllocatedStratum[], pct: number): number[] {
  const tasks = strata.reduce((sum, stratum) => sum + stratum.tasks, 0);
  const weight = strata.reduce((sum, stratum) => sum + stratum.tasks * stratum.spread, 0);
  return strata.map((stratum) => {
    const share = weight > 0 ? (stratum.tasks * stratum.spread) / weight : stratum.tasks / tasks;
    return Math.min(stratum.tasks, Math.max(FEWEST, Math.round(pct * tasks * share)));
  });
}
