import type { Belief } from "./calibration.ts";
import type { OpenWork } from "./completion-cost.ts";
import type { LedgerLane, LedgerRun, ProjectLedger, RunLane } from "./budget-ledger.ts";
import { pooledSpread } from "./reliability.ts";
import { isActive } from "./run-state.ts";
import { addMoments, NO_MOMENTS } from "./statistics/moments.ts";
import { afterTasks, beyondEstimate, withSpreadOf } from "./task-belief.ts";

/** The open tasks of a lane in one run, or in none when nothing has started. */
export interface LaneWork extends OpenWork {
  tasks: number;
  maxConcurrent: number;
  isDispatched: boolean;
}

/** About the cost of the tasks of a lane, before the project has any of its own. */
export type BeliefOf = (laneId: number) => Belief;

const Z_90TH = 1.2816;

const doesWork = (run: LedgerRun): boolean => run.kind !== "rehearsal";

/** What is left to do in each lane: by every active run that does the project's work, or by the first one to come. */
export function openWork(ledger: ProjectLedger, beliefOf: BeliefOf): LaneWork[] {
  const isStarted = ledger.runs.some(doesWork);
  const working = ledger.runs.filter((run) => doesWork(run) && isActive(run.status));
  return ledger.lanes.flatMap((lane) => {
    const belief = beliefAbout(ledger, lane, beliefOf);
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
}

/** About the open tasks of a lane: what is believed of it, what its own tasks showed, and how much those of others differ. */
function beliefAbout({ lanes, runs }: ProjectLedger, own: LedgerLane, beliefOf: BeliefOf): Belief {
  const others = lanes.filter((lane) => lane !== own).map(({ laneId }) => seenIn(runs, laneId));
  const before = beyondEstimate(beliefOf(own.laneId), own.learntLogRatio);
  return afterTasks(withSpreadOf(before, pooledSpread(others)), seenIn(runs, own.laneId));
}

/**
 * What the tasks that the executor may be working on right now will cost at the 90th percentile: as many per
 * lane as it may run at once.
 */
export function committedUsd(work: readonly LaneWork[]): number {
  return work
    .filter(({ isDispatched, tasks }) => isDispatched && tasks > 0)
    .reduce((sum, { tasks, maxConcurrent, estimated, belief }) => {
      const spread = Math.sqrt((belief.b / belief.a) * (1 + 1 / belief.kappa));
      const typical = estimated / tasks;
      return sum + Math.min(tasks, maxConcurrent) * typical * Math.exp(belief.mu + Z_90TH * spread);
    }, 0);
}

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
