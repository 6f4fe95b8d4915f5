import type { Belief } from "./calibration.ts";
import type { OpenWork } from "./completion-cost.ts";
import type { LedgerLane, LedgerRun, ProjectLedger, RunLane } from "./budget-ledger.ts";
import { pooledSpread } from "./reliability.ts";
import { isActive } from "./run-state.ts";
import { trendOf, type RunTrend } from "./run-trend.ts";
import { addMoments, meanOf, NO_MOMENTS } from "./statistics/moments.ts";
import { tailOf } from "./cost-tail.ts";
import { afterTasks, beyondEstimate, withMeanOf, withSpreadOf } from "./task-belief.ts";

/** The open tasks of a lane in one run, or in none when nothing has started. */
export interface LaneWork extends OpenWork {
  tasks: number;
  maxConcurrent: number;
  isDispatched: boolean;
}

/** About the cost of the tasks of a lane, before the project has any of its own. */
export type BeliefOf = (laneId: number) => Belief;

const doesWork = (run: LedgerRun): boolean => run.kind !== "rehearsal";

/** The open work of a project, and what its lanes have in common beyond what is believed of each. */
export interface ProjectWork {
  lanes: LaneWork[];
  /** How far all of it may be off together: standard deviation of ln(actual / estimate). */
  sharedSd: number;
  trend: RunTrend;
  /** Some tasks are so much dearer than the others that a lognormal does not hold them. */
  hasTail: boolean;
}

/** What is left to do in each lane: by every active run that does the project's work, or by the first one to come. */
export function openWork(ledger: ProjectLedger, beliefOf: BeliefOf): ProjectWork {
  const isStarted = ledger.runs.some(doesWork);
  const working = ledger.runs.filter((run) => doesWork(run) && isActive(run.status));
  const trend = trendOf(ledger);
  const tail = tailOf(ledger, (lane) => beliefAbout(ledger, lane, beliefOf));
  const lanes = ledger.lanes.flatMap((lane) => {
    const own = beliefAbout(ledger, lane, beliefOf);
    const belief = { ...own, mu: own.mu + trend.shift + tail.shift };
    if (!isStarted) return [laneWork(lane, undefined, { belief, isDispatched: false })];
    return working.map((run) =>
      laneWork(
        lane,
        run.lanes.find(({ laneId }) => laneId === lane.laneId),
        {
          belief,
          isDispatched: run.status === "executing",
        },
      ),
    );
  });
  return { lanes, sharedSd: Math.hypot(trend.shiftSd, tail.sd), trend, hasTail: tail.isSeen };
}

/**
 * About the open tasks of a lane: what is believed of it, what its own tasks showed, how much those of other lanes
 * differ, and, as far as they go, how they came out.
 */
function beliefAbout(ledger: ProjectLedger, own: LedgerLane, beliefOf: BeliefOf): Belief {
  const { lanes, runs } = ledger;
  const others = lanes.filter((lane) => lane !== own);
  const spread = pooledSpread(others.map(({ laneId }) => seenIn(runs, laneId)));
  const believed = (lane: LedgerLane) => beyondEstimate(beliefOf(lane.laneId), lane.learntLogRatio);
  const shared = others.map((lane) => {
    const seen = seenIn(runs, lane.laneId);
    return { n: seen.n, distance: meanOf(seen) - believed(lane).mu };
  });
  const before = withMeanOf(withSpreadOf(believed(own), spread), shared);
  return afterTasks(before, seenIn(runs, own.laneId));
}

/** The part of the open work that the executor may be doing right now: as many tasks per lane as may run at once. */
export const dispatchedWork = (work: readonly LaneWork[]): OpenWork[] =>
  work
    .filter(({ isDispatched, tasks }) => isDispatched && tasks > 0)
    .map(({ tasks, maxConcurrent, estimated, estimatedSquared, belief }) => {
      const share = Math.min(tasks, maxConcurrent) / tasks;
      return { estimated: share * estimated, estimatedSquared: share * estimatedSquared, belief };
    });

function laneWork(
  lane: LedgerLane,
  done: RunLane | undefined,
  rest: { belief: Belief; isDispatched: boolean },
): LaneWork {
  return {
    ...rest,
    maxConcurrent: lane.maxConcurrent,
    tasks: Math.max(0, lane.tasks - (done?.tasks ?? 0)),
    estimated: Math.max(0, lane.estimatedUsd - (done?.estimatedUsd ?? 0)),
    estimatedSquared: Math.max(0, lane.estimatedUsdSquared - (done?.estimatedUsdSquared ?? 0)),
  };
}

export const seenIn = (runs: readonly LedgerRun[], laneId: number) =>
  runs
    .flatMap((run) => run.lanes.filter((lane) => lane.laneId === laneId))
    .reduce((seen, { ratios }) => addMoments(seen, ratios), NO_MOMENTS);
