import type { Alarms } from "./project.ts";
import type { Reliability } from "./reliability.ts";

export type RunwayStatus = "ok" | "warning" | "critical" | "unknown";

/** What a project has unless its owner decides otherwise. */
export const DEFAULT_ALARMS: Alarms = { warningAt: 0.35, criticalAt: 0.76 };

/** What may be decided; a warning comes before what it warns of. */
export const ALARM_BOUNDS = { warningAt: [0.2, 0.9], criticalAt: [0.3, 0.99] } as const;

/** How far below its threshold a probability has to fall before a danger is over, so that a value on the edge does not flicker. */
const HYSTERESIS = { warning: 0.15, critical: 0.2 } as const;

/** Few tasks say little: on a reliability of LOW an alarm needs to be three times as sure. */
const onLow = (criticalAt: number): number => 1 - (1 - criticalAt) / 3;

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
    alarms: Alarms;
  },
  standing: RunwayStatus | null,
): RunwayStatus {
  const { usdMax, usdSpent, overrunProbability, reliability, alarms } = figures;
  if (usdMax === null || overrunProbability === null) return "unknown";
  if (isExhausted(usdMax, usdSpent)) return "critical";
  const { warningAt, criticalAt } = alarms;
  const enter = { warning: warningAt, critical: reliability === "low" ? onLow(criticalAt) : criticalAt };
  const leave = { warning: warningAt - HYSTERESIS.warning, critical: criticalAt - HYSTERESIS.critical };
  const isIn = (status: "critical" | "warning") => {
    const stands = standing !== null && SEVERITY[standing] >= SEVERITY[status];
    return overrunProbability >= (stands ? leave : enter)[status];
  };
  if (isIn("critical")) return "critical";
  return isIn("warning") ? "warning" : "ok";
}

/** A status and how often in a row a milder one was found since. */
export interface Standing {
  status: RunwayStatus;
  cleanEvaluations: number;
}

/** The status that stands after one more look: worse at once, better only when seen twice in a row, or when all is over. */
export function standingAfter(
  before: Standing | null,
  found: RunwayStatus,
  { isOver = false }: { isOver?: boolean } = {},
): Standing {
  const isMilder =
    !isOver && before !== null && SEVERITY[found] < SEVERITY[before.status] && found !== "unknown";
  if (!isMilder) return { status: found, cleanEvaluations: 0 };
  const cleanEvaluations = before.cleanEvaluations + 1;
  return cleanEvaluations >= CLEAN_EVALUATIONS
    ? { status: found, cleanEvaluations: 0 }
    : { status: before.status, cleanEvaluations };
}

/** What is shown between two looks. */
export const shownStatus = (standing: RunwayStatus | null, found: RunwayStatus): RunwayStatus =>
  standing !== null && found !== "unknown" && SEVERITY[standing] > SEVERITY[found] ? standing : found;
