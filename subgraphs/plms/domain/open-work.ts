import type { LedgerLane, LedgerRun, ProjectLedger, RunLane } from "./budget-ledger.ts";
import type { Belief } from "./calibration.ts";
import type { MeansOf, OpenWork } from "./completion-cost.ts";
import { tailSdOf } from "./cost-tail.ts";
import { pooledSpread } from "./reliability.ts";
import { isActive } from "./run-state.ts";
import { laneMean, sharedBelief, type LaneCourse, type LaneMean, type SharedBelief } from "./run-trend.ts";
import { addMoments, meanOf, NO_MOMENTS, scatterOf } from "./statistics/moments.ts";
import { afterTasks, beyondEstimate, withSpreadOf } from "./task-belief.ts";

/** The open tasks of a lane in one run, or in none when nothing has started. */
export interface LaneWork extends OpenWork {
  laneId: number;
  tasks: number;
  maxConcurrent: number;
  isDispatched: boolean;
}

/** About the cost of the tasks of a lane, before the project has any of its own. */
export type BeliefOf = (laneId: number) => Belief;

/** The open work of a project, and what its lanes have in common beyond what is believed of each. */
export interface ProjectWork {
  lanes: LaneWork[];
  /** Draws the means of all of it together. */
  meansOf: MeansOf<LaneWork>;
  /** A trend within the run is not seen, and could still change the open tasks. */
  mayHideTrend: boolean;
  /** Some tasks are so much dearer than the others that a lognormal does not hold them. */
  hasTail: boolean;
}

/** What is left to do in each lane: by every active run that does the project's work, or by the first one to come. */
export function openWork(ledger: ProjectLedger, beliefOf: BeliefOf): ProjectWork {
  const known = knownLanes(ledger, beliefOf);
  const shared = sharedBelief(known.map(({ course }) => course));
  const means = new Map(
    known.map(({ lane, course, openPlace }) => [lane.laneId, laneMean(course, openPlace, shared)]),
  );
  const tailSd = tailSdOf(ledger);
  const isStarted = ledger.runs.some(doesWork);
  const working = ledger.runs.filter((run) => doesWork(run) && isActive(run.status));
  const lanes = known.flatMap(({ lane, before, after }) => {
    const belief = withMean({ before, after }, means.get(lane.laneId));
    if (!isStarted) return [laneWork(lane, undefined, { belief, isDispatched: false })];
    return working.map((run) =>
      laneWork(
        lane,
        run.lanes.find(({ laneId }) => laneId === lane.laneId),
        { belief, isDispatched: run.status === "executing" },
      ),
    );
  });
  return {
    lanes,
    meansOf: meansTogether(known, { means, shared, tailSd }),
    mayHideTrend: mayHideTrend(known, shared),
    hasTail: tailSd > 0,
  };
}

const doesWork = (run: LedgerRun): boolean => run.kind !== "rehearsal";

/** What is known of the tasks of a lane. */
interface KnownLane {
  lane: LedgerLane;
  /** Before its own tasks were seen, and with them. */
  before: Belief;
  after: Belief;
  course: LaneCourse;
  openTasks: number;
  openPlace: number;
}

/**
 * About the tasks of each lane: what is believed of it, how much those of other lanes differ, and, as far as they go,
 * how its own came out.
 */
function knownLanes({ lanes, runs }: ProjectLedger, beliefOf: BeliefOf): KnownLane[] {
  const tasks = Math.max(
    1,
    sum(lanes, (lane) => lane.tasks),
  );
  return lanes.map((lane) => {
    const others = lanes.filter((other) => other !== lane);
    const spread = pooledSpread(others.map(({ laneId }) => seenIn(runs, laneId)));
    const before = withSpreadOf(beyondEstimate(beliefOf(lane.laneId), lane.learntLogRatio), spread);
    const after = afterTasks(before, seenIn(runs, lane.laneId));
    const done = runs
      .filter(doesWork)
      .flatMap((run) => run.lanes.filter(({ laneId }) => laneId === lane.laneId));
    const openTasks = Math.max(0, lane.tasks - sum(done, ({ ratios }) => ratios.n));
    const openOrder = lane.orderSum - sum(done, ({ order }) => order.x);
    return {
      lane,
      before,
      after,
      course: courseOf(lane.laneId, { runs, tasks, before, after }),
      openTasks,
      openPlace: openTasks === 0 ? 0 : inOrder(openOrder / openTasks / tasks),
    };
  });
}

/** Tasks that all come out the same differ at least by this in the next one: variance of ln(actual / estimate). */
const LEAST_VARIANCE = 1e-12;

/** What was rehearsed counts as if it had come before the first task: its place says nothing of a trend. */
function courseOf(
  laneId: number,
  {
    runs,
    tasks,
    before,
    after,
  }: { runs: readonly LedgerRun[]; tasks: number; before: Belief; after: Belief },
): LaneCourse {
  const seen = seenIn(runs, laneId);
  const working = runs.filter(doesWork).flatMap((run) => run.lanes.filter((lane) => lane.laneId === laneId));
  const ratios = working.reduce((all, lane) => addMoments(all, lane.ratios), NO_MOMENTS);
  const x = sum(working, ({ order }) => order.x) / tasks;
  const xx = sum(working, ({ order }) => order.xx) / tasks ** 2;
  const xy = sum(working, ({ order }) => order.xy) / tasks;
  const placeScatter = ratios.n === 0 ? 0 : Math.max(0, xx - x ** 2 / ratios.n);
  const most = Math.sqrt(placeScatter * scatterOf(ratios));
  const coScatter = ratios.n === 0 ? 0 : xy - (x * ratios.sum) / ratios.n;
  return {
    tasks: seen.n,
    distance: seen.n === 0 ? 0 : meanOf(seen) - before.mu,
    place: seen.n === 0 ? 0 : inOrder(x / seen.n),
    placeScatter,
    coScatter: Math.min(most, Math.max(-most, coScatter)),
    taskVariance: Math.max(LEAST_VARIANCE, after.b / after.a),
    laneVariance: after.b / after.a / before.kappa,
  };
}

const inOrder = (place: number): number => Math.min(1, Math.max(0, place));

/** As one lane's belief, for what does not need the others. */
function withMean({ before, after }: { before: Belief; after: Belief }, mean: LaneMean | undefined): Belief {
  if (mean === undefined) return after;
  const variance = Math.max(LEAST_VARIANCE, after.b / after.a);
  return { ...after, mu: before.mu + mean.mean, kappa: variance / Math.max(Number.MIN_VALUE, mean.variance) };
}

function meansTogether(
  known: readonly KnownLane[],
  { means, shared, tailSd }: { means: ReadonlyMap<number, LaneMean>; shared: SharedBelief; tailSd: number },
): MeansOf<LaneWork> {
  const variances = new Map(known.map(({ lane, course }) => [lane.laneId, course.taskVariance]));
  const believed = new Map(known.map(({ lane, before }) => [lane.laneId, before.mu]));
  return (random) => {
    const common = shared.draw(random);
    const tail = tailSd > 0 ? tailSd * random.normal() : 0;
    const own = new Map(known.map(({ lane }) => [lane.laneId, random.normal()]));
    return ({ laneId }, logVariance) => {
      const mean = means.get(laneId);
      if (mean === undefined) return tail;
      const scale = Math.sqrt((mean.ownVariance * logVariance) / (variances.get(laneId) ?? logVariance));
      return (believed.get(laneId) ?? 0) + mean.at(common) + scale * (own.get(laneId) ?? 0) + tail;
    };
  };
}

/** A trend that does not show yet may change the open tasks by more than this: standard deviation of ln(actual / estimate). */
const HARMLESS_TREND = 0.045;

/** The intervals hold with a trend that is seen and without one; in between they hold too seldom where there is one. */
function mayHideTrend(known: readonly KnownLane[], { trendProbability, variance }: SharedBelief): boolean {
  const open = sum(known, ({ openTasks }) => openTasks);
  const seen = sum(known, ({ course }) => course.tasks);
  if (open === 0 || trendProbability > 0.5) return false;
  const openPlace = sum(known, (lane) => lane.openTasks * lane.openPlace) / open;
  const seenPlace = seen === 0 ? 0 : sum(known, ({ course }) => course.tasks * course.place) / seen;
  return Math.sqrt(variance.slope) * Math.max(0, openPlace - seenPlace) > HARMLESS_TREND;
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
    laneId: lane.laneId,
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

const sum = <T>(items: readonly T[], valueOf: (item: T) => number): number =>
  items.reduce((total, item) => total + valueOf(item), 0);
