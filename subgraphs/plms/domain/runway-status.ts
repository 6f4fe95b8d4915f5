export type RunwayStatus = "ok" | "warning" | "critical" | "unknown";

export const CRITICAL_OVERRUN = 0.2;
const CRITICAL_MINUTES = 10;
const WARNING_MINUTES = 30;
/** An improvement has to be seen this often in a row before it counts. */
const CLEAN_EVALUATIONS = 2;

const SEVERITY: Readonly<Record<RunwayStatus, number>> = { unknown: 0, ok: 0, warning: 1, critical: 2 };

/** Amounts are compared in millionths, the precision in which they are stored. */
const MICRO = 1_000_000;
const toMicro = (usd: number): number => Math.round(usd * MICRO);
export const roundToMicro = (usd: number): number => toMicro(usd) / MICRO;

/** A budget of nothing is not used up before something is spent. */
export const isExhausted = (usdMax: number, usdSpent: number): boolean =>
  toMicro(usdSpent) >= toMicro(usdMax) && usdSpent > 0;

/** True from 20 % of the budget on. */
const isFarOver = (usdMax: number, overrunUsd: number): boolean =>
  overrunUsd > 0 && toMicro(overrunUsd) >= toMicro(usdMax * CRITICAL_OVERRUN);

/** Boundaries belong to the milder side for minutes (10 and 30 warn) and to the harsher for overrun (20 %). */
export function statusFor(figures: {
  usdMax: number | null;
  usdSpent: number;
  minutesToDepletion: number | null;
  projectedOverrunUsd: number | null;
}): RunwayStatus {
  const { usdMax, usdSpent, minutesToDepletion, projectedOverrunUsd } = figures;
  if (usdMax === null || projectedOverrunUsd === null) return "unknown";
  const minutes = minutesToDepletion ?? Number.POSITIVE_INFINITY;
  if (isExhausted(usdMax, usdSpent) || minutes < CRITICAL_MINUTES || isFarOver(usdMax, projectedOverrunUsd)) {
    return "critical";
  }
  return minutes <= WARNING_MINUTES || projectedOverrunUsd > 0 ? "warning" : "ok";
}

/** A status and how often in a row a milder one was found since. */
export interface Standing {
  status: RunwayStatus;
  cleanEvaluations: number;
}

/** The status that stands after one more look: worse at once, better only when seen twice in a row. */
export function standingAfter(before: Standing | null, found: RunwayStatus): Standing {
  const isMilder = before !== null && SEVERITY[found] < SEVERITY[before.status] && found !== "unknown";
  if (!isMilder) return { status: found, cleanEvaluations: 0 };
  const cleanEvaluations = before.cleanEvaluations + 1;
  return cleanEvaluations >= CLEAN_EVALUATIONS
    ? { status: found, cleanEvaluations: 0 }
    : { status: before.status, cleanEvaluations };
}

/** What is shown between two looks. */
export const shownStatus = (standing: RunwayStatus | null, found: RunwayStatus): RunwayStatus =>
  standing !== null && found !== "unknown" && SEVERITY[standing] > SEVERITY[found] ? standing : found;
