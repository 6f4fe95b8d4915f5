import type { LedgerRun, ProjectLedger, RunLane } from "./budget-ledger.ts";
import { meanOf, scatterOf } from "./statistics/moments.ts";

/** How the tasks of a run come to differ from their estimates more and more, or less and less, as it goes on. */
export interface RunTrend {
  /** What ln(actual / estimate) of the open tasks has beyond that of the finished ones; 0 unless it is significant. */
  shift: number;
  /** How far that may be off as a standard deviation, also where no trend is significant. */
  shiftSd: number;
}

/** Fewest tasks of a lane that a slope is taken from. */
const FEWEST = 8;
/** Standard errors that a slope has to be away from 0. */
const SIGNIFICANT = 2;
/** Changes of ln(actual / estimate) over a whole run that are larger are rare: their standard deviation. */
const USUAL_CHANGE = 0.4;

/**
 * The slope of ln(actual / estimate) over the order of the tasks, early against late ones, pooled over lanes by its
 * precision. A slope counts once it is two standard errors from 0, shrunk by how rare large ones are; until then it
 * widens what is expected of the open tasks, as nobody knows yet.
 */
export function trendOf({ lanes, runs }: Pick<ProjectLedger, "lanes" | "runs">): RunTrend {
  const tasks = lanes.reduce((sum, lane) => sum + lane.tasks, 0);
  const done = runs.filter(doesWork).flatMap((run) => run.lanes);
  const slopes = done.flatMap((lane) => slopeOf(lane, tasks) ?? []);
  const precision = slopes.reduce((sum, { variance }) => sum + 1 / variance, 0);
  const distance = distanceToOpen(lanes, done) / Math.max(1, tasks);
  if (precision === 0) return { shift: 0, shiftSd: USUAL_CHANGE * distance };
  const slope = slopes.reduce((sum, { value, variance }) => sum + value / variance, 0) / precision;
  const isSignificant = Math.abs(slope) * Math.sqrt(precision) > SIGNIFICANT;
  const shrink = USUAL_CHANGE ** 2 / (USUAL_CHANGE ** 2 + 1 / precision);
  return {
    shift: isSignificant ? slope * shrink * distance : 0,
    shiftSd: Math.sqrt(shrink / precision) * distance,
  };
}

const doesWork = (run: LedgerRun): boolean => run.kind !== "rehearsal";

/** How many places of the order the open tasks are behind the finished ones on average. */
function distanceToOpen(lanes: ProjectLedger["lanes"], done: readonly RunLane[]): number {
  const seen = done.reduce((sum, { ratios }) => sum + ratios.n, 0);
  const open = lanes.reduce((sum, { tasks }) => sum + tasks, 0) - seen;
  if (seen === 0 || open <= 0) return 0;
  const seenOrder = done.reduce((sum, { order }) => sum + order.x, 0);
  const openOrder = lanes.reduce((sum, { orderSum }) => sum + orderSum, 0) - seenOrder;
  return Math.max(0, openOrder / open - seenOrder / seen);
}

/** Least squares over the order, as shares of the project's tasks. */
function slopeOf({ ratios, order }: RunLane, tasks: number): { value: number; variance: number } | undefined {
  const { n } = ratios;
  if (n < FEWEST) return undefined;
  const xx = (order.xx - order.x ** 2 / n) / tasks ** 2;
  if (xx <= 0) return undefined;
  const value = (order.xy - order.x * meanOf(ratios)) / tasks / xx;
  const residual = Math.max(LEAST_VARIANCE, (scatterOf(ratios) - value ** 2 * xx) / (n - 2));
  return { value, variance: residual / xx };
}

/** Tasks that all come out the same differ at least by this in the next one. */
const LEAST_VARIANCE = 1e-6;
