import { runClockMs, type LedgerRun, type ProjectLedger } from "./budget-ledger.ts";
import { burnPerMinute } from "./burn.ts";
import { burnWindow, WINDOW_MINUTES, type BurnWindow } from "./burn-window.ts";
import { completionOf } from "./completion-cost.ts";
import { interval, type Interval } from "./statistics/interval.ts";
import { dispatchedWork, openWork, seenIn, type BeliefOf, type LaneWork } from "./open-work.ts";
import type { Alarms } from "./project.ts";
import {
  NO_SPREAD,
  pooledSpread,
  reliabilityOf,
  sumOfSpreads,
  type Reliability,
  type Spread,
} from "./reliability.ts";
import { isActive } from "./run-state.ts";
import { isExhausted, roundToMicro, shownStatus, statusFor, type RunwayStatus } from "./runway-status.ts";

type RunwayReason =
  | "not_started"
  | "no_data"
  | "zero_burn"
  | "over_budget"
  | "no_budget"
  | "paused"
  | "finished"
  | "low_confidence";

type RunwayWarning = "methods_disagree";

/** How long the budget lasts. Amounts in USD; null where `reason` says why. */
export interface Runway {
  projectId: string;
  asOf: Date;
  version: string;
  status: RunwayStatus;
  /** As of now alone, whatever stood before. */
  foundStatus: RunwayStatus;
  reason: RunwayReason | null;
  /** What the status followed. */
  alarms: Alarms;
  warnings: readonly RunwayWarning[];
  usdMax: number | null;
  usdSpent: number;
  usdCommitted: number;
  burnPerMin: number;
  burnInterval: Interval | null;
  windows: readonly (BurnWindow & { multiple: number | null })[];
  minutesToDepletion: number | null;
  depletionInterval: Interval | null;
  /** Until the open work is done at the pace so far; null before anything is done, while paused and after the end. */
  minutesToCompletion: number | null;
  projectedCostUsd: number;
  projectedCostInterval: Interval;
  projectedOverrunUsd: number | null;
  /** 0-1. */
  overrunProbability: number | null;
  /** By how much the budget has to be raised to be in order, 0 when it need not be; null without a budget. */
  raiseByUsd: number | null;
  /** Of the projected cost. */
  reliability: Reliability;
  /** True while time alone changes the value. */
  isMoving: boolean;
}

const RELIABLE_EVENTS = 3;
/** After this long without a charge the remaining weight says nothing about the present. */
const SILENCE_MS = 60 * 60_000;
/** USD per minute below which no amount of time would use up a cent. */
const NEGLIGIBLE_BURN = 1e-9;
const DISAGREEMENT = 1.25;
const MINUTE_MS = 60_000;
/** Enough for a 90 % interval to be steady to about 2 % of its width, and cheap enough for every receipt. */
const DRAWS = 512;
const SEED = 1;
const COMMITTED_PERCENTILE = 0.9;

type Phase = "not_started" | "executing" | "paused" | "finished";

interface Known {
  nowMs: number;
  beliefOf: BeliefOf;
  /** How much tasks of a lane differed in earlier runs. */
  spreadOf?: (laneId: number) => Spread;
}

/** The runway of a project at a moment; a moment before the newest charge counts as that charge's. */
export function runwayOf(
  ledger: ProjectLedger,
  { nowMs, beliefOf, spreadOf = () => NO_SPREAD }: Known,
): Runway {
  const { usdMax, usdSpent } = ledger;
  const active = ledger.runs.filter((run) => isActive(run.status));
  const burning = active.filter((run) => run.status !== "paused");
  const burn = burnOf(burning, nowMs);
  const { lanes: work, meansOf, mayHideTrend, hasTail } = openWork(ledger, beliefOf);
  const completion = completionOf(usdSpent, work, { draws: DRAWS, seed: SEED, meansOf });
  const usdCommitted = roundToMicro(committedUsd(work, completion.median - usdSpent));
  const reason = reasonFor(ledger, { phase: phaseOf(ledger.runs, active), active, burn });
  const remainingUsd = Math.max(0, (usdMax ?? 0) - usdSpent - usdCommitted);
  const minutesToDepletion = minutesFor(reason, remainingUsd / burn.perMin);
  const projectedCostUsd = roundToMicro(completion.median);
  const projectedOverrunUsd = usdMax === null ? null : Math.max(0, roundToMicro(projectedCostUsd - usdMax));
  const overrunProbability = usdMax === null ? null : completion.probabilityAbove(usdMax);
  const reliability = reliabilityOf(
    pooledSpread(ledger.lanes.map(({ laneId }) => seenIn(ledger.runs, laneId))),
    sumOfSpreads(ledger.lanes.map(({ laneId }) => spreadOf(laneId))),
    { mayHideTrend: work.length > 0 && mayHideTrend, hasTail },
  );
  const foundStatus = statusFor(
    { usdMax, usdSpent, overrunProbability, reliability, alarms: ledger.alarms },
    ledger.standing,
  );
  const pace = paceOf(burning, work, nowMs);
  const asOfMs = Math.max(nowMs, ...active.map((run) => (run.burn.atMs ?? 0) + run.pausedMs));
  return {
    projectId: ledger.projectId,
    asOf: new Date(asOfMs),
    version: `${ledger.revision}.${asOfMs}`,
    // What has ended cannot flicker: a project that stayed within its budget is not in danger for ever.
    status: reason === "finished" ? foundStatus : shownStatus(ledger.standing, foundStatus),
    foundStatus,
    reason,
    alarms: ledger.alarms,
    warnings: disagree([projectedCostUsd, ...otherProjections(ledger, { work, burn, pace })])
      ? ["methods_disagree"]
      : [],
    usdMax,
    usdSpent,
    usdCommitted,
    burnPerMin: burn.perMin,
    burnInterval: burn.interval,
    windows: burn.windows.map((window) => ({
      ...window,
      multiple: pace === null || remainingUsd === 0 ? null : (window.usdPerMin * pace) / remainingUsd,
    })),
    minutesToDepletion,
    depletionInterval: depletionInterval(minutesToDepletion, { remainingUsd, burn: burn.interval }),
    projectedCostUsd,
    projectedCostInterval: completion.interval,
    projectedOverrunUsd,
    overrunProbability,
    raiseByUsd: raiseFor(usdMax, { usdSpent, enoughUsd: completion.upper(1 - ledger.alarms.warningAt / 2) }),
    reliability,
    minutesToCompletion: reason === "paused" || reason === "finished" ? null : pace,
    isMoving: burning.length > 0,
  };
}

/**
 * What the tasks under way will come to, at the 90th percentile of their sum, and never more than what all open work is
 * expected to: the figures of one answer agree.
 */
function committedUsd(work: readonly LaneWork[], expectedOpenUsd: number): number {
  const dispatched = dispatchedWork(work);
  if (dispatched.length === 0) return 0;
  const completion = completionOf(0, dispatched, { draws: DRAWS, seed: SEED });
  return Math.max(0, Math.min(completion.upper(COMMITTED_PERCENTILE), expectedOpenUsd));
}

/** In whole cents: so much that an overrun is half as likely as what is warned of, and that something is left. */
function raiseFor(
  usdMax: number | null,
  { usdSpent, enoughUsd }: { usdSpent: number; enoughUsd: number },
): number | null {
  if (usdMax === null) return null;
  const neededUsd = Math.max(enoughUsd, usdSpent > 0 ? usdSpent + 0.01 : 0);
  return Math.ceil(Math.max(0, neededUsd - usdMax) * 100) / 100;
}

interface CurrentBurn {
  perMin: number;
  interval: Interval | null;
  windows: readonly BurnWindow[];
  effectiveEvents: number;
  isSilent: boolean;
}

function burnOf(burning: readonly LedgerRun[], nowMs: number): CurrentBurn {
  const clocks = burning.map((run) => ({ run, asOfMs: runClockMs(run, nowMs) }));
  const perMin = sum(clocks, ({ run, asOfMs }) =>
    burnPerMinute(run.burn, { startedAtMs: run.startedAtMs, asOfMs }),
  );
  const elapsedMs = Math.max(0, ...clocks.map(({ run, asOfMs }) => asOfMs - run.startedAtMs));
  const silenceMs = Math.min(...clocks.map(({ run, asOfMs }) => asOfMs - (run.burn.atMs ?? 0)));
  const slices = burning.flatMap((run) => run.slices);
  const windows = WINDOW_MINUTES.map((minutes) => burnWindow(slices, { minutes, elapsedMs }));
  const long = windows.at(-1);
  return {
    perMin,
    windows,
    effectiveEvents: long?.effectiveEvents ?? 0,
    interval: long?.interval ? around(long.interval, perMin) : null,
    isSilent: perMin < NEGLIGIBLE_BURN || silenceMs > SILENCE_MS,
  };
}

/** The hour's interval, made to hold the newer figure that it stands beside. */
const around = ({ low, high }: Interval, value: number): Interval =>
  interval(Math.min(low, value), Math.max(high, value));

function phaseOf(runs: readonly LedgerRun[], active: readonly LedgerRun[]): Phase {
  if (active.length > 0) return active.every((run) => run.status === "paused") ? "paused" : "executing";
  return runs.length > 0 ? "finished" : "not_started";
}

function reasonFor(
  { usdMax, usdSpent }: ProjectLedger,
  { phase, active, burn }: { phase: Phase; active: readonly LedgerRun[]; burn: CurrentBurn },
): RunwayReason | null {
  if (usdMax === null) return "no_budget";
  if (phase === "finished") return "finished";
  if (isExhausted(usdMax, usdSpent)) return "over_budget";
  if (phase !== "executing") return phase;
  if (active.every((run) => run.receipts === 0)) return "no_data";
  if (burn.isSilent) return "zero_burn";
  return burn.effectiveEvents < RELIABLE_EVENTS ? "low_confidence" : null;
}

function minutesFor(reason: RunwayReason | null, minutes: number): number | null {
  if (reason === "over_budget") return 0;
  return reason === null || reason === "low_confidence" ? minutes : null;
}

function depletionInterval(
  minutes: number | null,
  { remainingUsd, burn }: { remainingUsd: number; burn: Interval | null },
): Interval | null {
  if (minutes === null || burn === null || burn.low <= 0) return null;
  return minutes === 0 ? interval(0, 0) : interval(remainingUsd / burn.high, remainingUsd / burn.low);
}

/** Minutes that the open work takes at the pace so far; null before anything is done. */
function paceOf(burning: readonly LedgerRun[], work: readonly LaneWork[], nowMs: number): number | null {
  const doneUsd = sum(burning, (run) => sum(run.lanes, (lane) => lane.estimatedUsd));
  const elapsedMs = Math.max(0, ...burning.map((run) => runClockMs(run, nowMs) - run.startedAtMs));
  return doneUsd > 0 ? ((elapsedMs / MINUTE_MS) * sum(work, ({ estimated }) => estimated)) / doneUsd : null;
}

/** Projections by earned value (budget at completion / cost performance) and by the burn of the open minutes. */
function otherProjections(
  { usdSpent, runs }: ProjectLedger,
  { work, burn, pace }: { work: readonly LaneWork[]; burn: CurrentBurn; pace: number | null },
): number[] {
  if (pace === null || burn.effectiveEvents < RELIABLE_EVENTS) return [];
  const lanes = runs.flatMap((run) => run.lanes);
  const performance = sum(lanes, (lane) => lane.estimatedUsd) / sum(lanes, (lane) => lane.usdSpent);
  const openUsd = sum(work, ({ estimated }) => estimated);
  return [usdSpent + openUsd / performance, usdSpent + burn.perMin * pace];
}

function disagree(projections: readonly number[]): boolean {
  const least = Math.min(...projections);
  return least > 0 && Math.max(...projections) / least > DISAGREEMENT;
}

const sum = <T>(items: readonly T[], valueOf: (item: T) => number): number =>
  items.reduce((total, item) => total + valueOf(item), 0);
