import type { Burn } from "./burn.ts";
import type { BurnSlice } from "./burn-window.ts";
import type { Alarms } from "./project.ts";
import type { RunStatus } from "./run-state.ts";
import type { RunKind } from "./run.ts";
import type { RunwayStatus } from "./runway-status.ts";
import type { Moments } from "./statistics/moments.ts";

/** What a project has spent and what it still has to do. */
export interface ProjectLedger {
  projectId: string;
  tenant: string;
  /** Null when there is no limit. */
  usdMax: number | null;
  alarms: Alarms;
  /** Sum of the receipts of all runs. */
  usdSpent: number;
  /** Grows with every change of a run of the project. */
  revision: number;
  /** The status that stands since the last look; null before the first. */
  standing: RunwayStatus | null;
  lanes: readonly LedgerLane[];
  /** Every active run, and the newest of those that do the project's work. */
  runs: readonly LedgerRun[];
}

/** The tasks of a project in one lane. */
export interface LedgerLane {
  laneId: number;
  /** Tasks that may run at the same time. */
  maxConcurrent: number;
  tasks: number;
  estimatedUsd: number;
  /** Sum of the squared estimates. */
  estimatedUsdSquared: number;
  /** What the estimates say already of ln(actual / estimate), as earlier runs taught it. */
  learntLogRatio: number;
  /** Sum of the places of its tasks in the order of execution. */
  orderSum: number;
}

export interface LedgerRun {
  kind: RunKind;
  status: RunStatus;
  startedAtMs: number;
  /** Null while it is not paused. */
  pausedAtMs: number | null;
  /** Milliseconds that it has been paused before. */
  pausedMs: number;
  receipts: number;
  /** By the run's clock, which stands still while the run is paused. */
  burn: Burn;
  /** The last hour by the run's clock. */
  slices: readonly BurnSlice[];
  lanes: readonly RunLane[];
}

/** What a run has done in one lane. */
export interface RunLane {
  laneId: number;
  tasks: number;
  usdSpent: number;
  estimatedUsd: number;
  estimatedUsdSquared: number;
  /** ln(actual / estimated cost) of each task. */
  ratios: Moments;
  /** Sum of their cubes: a tail of dear tasks shows in it. */
  ratioCubes: number;
  /** Of the same tasks by their place in the order of execution: a trend shows in it. */
  order: OrderSums;
}

/** Sums over tasks that have a place `x` in an order and a value `y`. */
interface OrderSums {
  x: number;
  xx: number;
  xy: number;
}

/** The run's own time: wall time without its pauses, and never before its newest charge. */
export const runClockMs = (run: LedgerRun, nowMs: number): number =>
  Math.max((run.pausedAtMs ?? nowMs) - run.pausedMs, run.burn.atMs ?? 0);
