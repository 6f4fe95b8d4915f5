import type { Reliability } from "./reliability.ts";

export type RunwayStatus = "ok" | "warning" | "critical" | "unknown";

/**
 * When a project is in danger of an overrun, as probabilities: it worsens from `enter` on and improves below `leave`, so
 * that a value on the edge does not flicker. Few tasks say little, so that an alarm on a reliability of LOW needs more.
 */
export const STATUS_PROBABILITIES = {
  critical: { enter: 0.7, enterOnLow: 0.9, leave: 0.5 },
  warning: { enter: 0.35, enterOnLow: 0.35, leave: 0.2 },
} as const;

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

/** What follows from the figures of one answer and from the status that stands. */
export function statusFor(
  figures: {
    usdMax: number | null;
    usdSpent: number;
    overrunProbability: number | null;
    reliability: Reliability;
  },
  standing: RunwayStatus | null,
): RunwayStatus {
  const { usdMax, usdSpent, overrunProbability, reliability } = figures;
  if (usdMax === null || overrunProbability === null) return "unknown";
  if (isExhausted(usdMax, usdSpent)) return "critical";
  const isIn = (status: "critical" | "warning") => {
    const { enter, enterOnLow, leave } = STATUS_PROBABILITIES[status];
    const stands = standing !== null && SEVERITY[standing] >= SEVERITY[status];
    const needed = reliability === "low" ? enterOnLow : enter;
    return overrunProbability >= (stands ? leave : needed);
  };
  if (isIn("critical")) return "critical";
  return isIn("warning") ? "warning" : "ok";
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
