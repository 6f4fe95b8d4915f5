/** What had been charged by the end of a step of time. Amounts in USD. */
export interface BurnPoint {
  at: Date;
  /** By all runs of the project, as its budget is held against. */
  usdSpent: number;
  /** By this run alone. */
  usdOfRun: number;
  /** Receipts of this run within the step. */
  receipts: number;
}

/** Sums of a step in which something was charged; -1 is everything before the first. */
export interface ChargedStep {
  step: number;
  usdSpent: number;
  usdOfRun: number;
  receipts: number;
}

/** Steps of equal length from a moment on. */
export interface Steps {
  from: Date;
  stepMs: number;
  count: number;
}

/** The curve over all steps, from their beginning on: where nothing was charged it goes on as it was. */
export function burnPoints(charged: readonly ChargedStep[], { from, stepMs, count }: Steps): BurnPoint[] {
  const byStep = new Map(charged.map((sums) => [sums.step, sums]));
  let [usdSpent, usdOfRun] = [0, 0];
  return Array.from({ length: count + 1 }, (_, index) => {
    const sums = byStep.get(index - 1);
    if (sums) ({ usdSpent, usdOfRun } = sums);
    const at = new Date(from.getTime() + index * stepMs);
    return { at, usdSpent, usdOfRun, receipts: index === 0 ? 0 : (sums?.receipts ?? 0) };
  });
}

/** A limit in USD and since when it stands; null for none. */
export interface BudgetStep {
  at: Date;
  usdMax: number | null;
}

export interface BudgetChange {
  at: Date;
  usdBefore: number | null;
  usdAfter: number | null;
}

/**
 * The limits that stood in a span of time, oldest first, from its beginning on.
 *
 * @param changes since the beginning, oldest first
 * @param usdMax what stands now
 */
export const budgetSteps = (
  changes: readonly BudgetChange[],
  { from, to, usdMax }: { from: Date; to: Date; usdMax: number | null },
): BudgetStep[] => [
  { at: from, usdMax: changes[0] ? changes[0].usdBefore : usdMax },
  ...changes.filter(({ at }) => at <= to).map(({ at, usdAfter }) => ({ at, usdMax: usdAfter })),
];

/** When a run was paused and why; `to` is null while it lasts. */
export interface RunPause {
  from: Date;
  to: Date | null;
  reason: string | null;
}
