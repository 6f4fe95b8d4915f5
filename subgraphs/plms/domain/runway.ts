import { burnPerMinute, type Burn } from "./burn.ts";
import { isActive, type RunStatus } from "./run-state.ts";
import type { RunKind } from "./run.ts";

type RunwayStatus = "ok" | "warning" | "critical" | "unknown";

type RunwayReason =
  | "not_started"
  | "no_data"
  | "zero_burn"
  | "over_budget"
  | "no_budget"
  | "paused"
  | "finished"
  | "low_confidence";

/** What a project has spent and what it still has to do. */
export interface ProjectLedger {
  projectId: string;
  /** Null when there is no limit. */
  usdMax: number | null;
  /** Sum of the receipts of all runs. */
  usdSpent: number;
  /** Sum of the estimates of all tasks. */
  estimatedUsd: number;
  /** Sum of the estimates of what has been charged for, over all runs. */
  estimatedUsdDone: number;
  /** Grows with every change of a run of the project. */
  revision: number;
  /** Every active run, and the newest of those that do the project's work. */
  runs: readonly LedgerRun[];
}

export interface LedgerRun {
  kind: RunKind;
  status: RunStatus;
  startedAtMs: number;
  estimatedUsdDone: number;
  receipts: number;
  burn: Burn;
}

/** How long the budget lasts. Amounts in USD; null where `reason` says why. */
export interface Runway {
  projectId: string;
  asOf: Date;
  version: string;
  status: RunwayStatus;
  reason: RunwayReason | null;
  usdMax: number | null;
  usdSpent: number;
  burnPerMin: number;
  minutesToDepletion: number | null;
  projectedCostUsd: number;
  projectedOverrunUsd: number | null;
  /** True while time alone changes the value. */
  isMoving: boolean;
}

const CRITICAL_MINUTES = 10;
const WARNING_MINUTES = 30;
const CRITICAL_OVERRUN = 0.2;
const RELIABLE_RECEIPTS = 3;
/** After this long without a charge the remaining weight says nothing about the present. */
const SILENCE_MS = 60 * 60_000;
/** USD per minute below which no amount of time would use up a cent. */
const NEGLIGIBLE_BURN = 1e-9;

type Phase = "not_started" | "executing" | "paused" | "finished";

/** The runway of a project at a moment; a moment before the newest charge counts as that charge's. */
export function runwayOf(ledger: ProjectLedger, nowMs: number): Runway {
  const active = ledger.runs.filter((run) => isActive(run.status));
  const lastChargeMs = Math.max(0, ...active.map((run) => run.burn.atMs ?? 0));
  const asOfMs = Math.max(nowMs, lastChargeMs);
  const burning = active.filter((run) => run.status !== "paused");
  const burnPerMin = sum(burning, (run) => burnPerMinute(run.burn, { startedAtMs: run.startedAtMs, asOfMs }));
  const projectedCostUsd = projectedCost(ledger, active);
  const { usdMax, usdSpent } = ledger;
  const reason = reasonFor(ledger, {
    phase: phaseOf(ledger.runs, active),
    receipts: sum(active, (run) => run.receipts),
    isSilent: burnPerMin < NEGLIGIBLE_BURN || asOfMs - lastChargeMs > SILENCE_MS,
  });
  const minutesToDepletion = minutesFor(reason, { remainingUsd: (usdMax ?? 0) - usdSpent, burnPerMin });
  const projectedOverrunUsd =
    usdMax === null ? null : Math.max(0, toMicro(projectedCostUsd - usdMax) / MICRO);
  return {
    projectId: ledger.projectId,
    asOf: new Date(asOfMs),
    version: `${ledger.revision}.${asOfMs}`,
    status: statusFor({ usdMax, usdSpent, minutesToDepletion, projectedOverrunUsd }),
    reason,
    usdMax,
    usdSpent,
    burnPerMin,
    minutesToDepletion,
    projectedCostUsd,
    projectedOverrunUsd,
    isMoving: burning.length > 0,
  };
}

/** Spent so far plus the open estimates, scaled by what finished tasks cost in relation to theirs. */
function projectedCost(ledger: ProjectLedger, active: readonly LedgerRun[]): number {
  const works = (run: LedgerRun) => run.kind !== "rehearsal";
  const openUsd = ledger.runs.some(works)
    ? sum(active.filter(works), (run) => Math.max(0, ledger.estimatedUsd - run.estimatedUsdDone))
    : ledger.estimatedUsd;
  const ratio = ledger.estimatedUsdDone > 0 ? Math.max(0, ledger.usdSpent / ledger.estimatedUsdDone) : 1;
  return toMicro(ledger.usdSpent + openUsd * ratio) / MICRO;
}

function phaseOf(runs: readonly LedgerRun[], active: readonly LedgerRun[]): Phase {
  if (active.length > 0) return active.every((run) => run.status === "paused") ? "paused" : "executing";
  return runs.length > 0 ? "finished" : "not_started";
}

function reasonFor(
  { usdMax, usdSpent }: ProjectLedger,
  at: { phase: Phase; receipts: number; isSilent: boolean },
): RunwayReason | null {
  if (usdMax === null) return "no_budget";
  if (at.phase === "finished") return "finished";
  if (isExhausted(usdMax, usdSpent)) return "over_budget";
  if (at.phase !== "executing") return at.phase;
  if (at.receipts === 0) return "no_data";
  if (at.isSilent) return "zero_burn";
  return at.receipts < RELIABLE_RECEIPTS ? "low_confidence" : null;
}

function minutesFor(
  reason: RunwayReason | null,
  { remainingUsd, burnPerMin }: { remainingUsd: number; burnPerMin: number },
): number | null {
  if (reason === "over_budget") return 0;
  return reason === null || reason === "low_confidence" ? Math.max(0, remainingUsd) / burnPerMin : null;
}

/** Boundaries belong to the milder side for minutes (10 and 30 warn) and to the harsher for overrun (20 %). */
function statusFor(figures: {
  usdMax: number | null;
  usdSpent: number;
  minutesToDepletion: number | null;
  projectedOverrunUsd: number | null;
}): RunwayStatus {
  const { usdMax, usdSpent, minutesToDepletion, projectedOverrunUsd } = figures;
  if (usdMax === null || projectedOverrunUsd === null) return "unknown";
  const minutes = minutesToDepletion ?? Number.POSITIVE_INFINITY;
  const isFarOver =
    projectedOverrunUsd > 0 && toMicro(projectedOverrunUsd) >= toMicro(usdMax * CRITICAL_OVERRUN);
  if (isExhausted(usdMax, usdSpent) || minutes < CRITICAL_MINUTES || isFarOver) return "critical";
  return minutes <= WARNING_MINUTES || projectedOverrunUsd > 0 ? "warning" : "ok";
}

/** A budget of nothing is not used up before something is spent. */
const isExhausted = (usdMax: number, usdSpent: number): boolean => usdSpent >= usdMax && usdSpent > 0;

/** Amounts are compared in millionths, the precision in which they are stored. */
const MICRO = 1_000_000;
const toMicro = (usd: number): number => Math.round(usd * MICRO);

const sum = <T>(items: readonly T[], valueOf: (item: T) => number): number =>
  items.reduce((total, item) => total + valueOf(item), 0);
