import type { Lane } from "./project.ts";

/** Open tasks of one lane of one project that has a run under way. */
export interface OpenLane {
  projectId: string;
  laneId: number;
  openTasks: number;
}

/** A lane over all projects. */
export interface LaneLoad {
  lane: Lane;
  /** Tasks that can be under way at once, over all active projects: the executor caps each run for itself. */
  capacity: number;
  running: number;
  queued: number;
  /** Running share of the capacity, 0-1; 0 without active projects. */
  utilization: number;
}

/** A project with a run under way. */
export interface ProjectShare {
  projectId: string;
  running: number;
  queued: number;
  /** Its share of all running tasks, 0-1. */
  share: number;
  /** The share that it would have if all active projects had the same, 0-1. */
  fairShare: number;
}

export interface Portfolio {
  asOf: Date;
  running: number;
  queued: number;
  lanes: readonly LaneLoad[];
  projects: readonly ProjectShare[];
}

/**
 * How busy everything is. The executor works on each lane of a run in order, as many tasks at once as the lane
 * allows, so what is running follows from what is open.
 *
 * @param open of executing runs; at most one entry per project and lane
 */
export function portfolioOf(open: readonly OpenLane[], lanes: readonly Lane[], asOf: Date): Portfolio {
  const capOf = new Map(lanes.map(({ id, maxConcurrent }) => [id, maxConcurrent]));
  const loads = open.map((load) => {
    const running = Math.min(load.openTasks, capOf.get(load.laneId) ?? 0);
    return { ...load, running, queued: load.openTasks - running };
  });
  const byProject = Map.groupBy(loads, ({ projectId }) => projectId);
  const byLane = Map.groupBy(loads, ({ laneId }) => laneId);
  const running = sum(loads, (load) => load.running);
  return {
    asOf,
    running,
    queued: sum(loads, (load) => load.queued),
    lanes: lanes.map((lane) => laneLoad(lane, byLane.get(lane.id) ?? [])),
    projects: [...byProject].map(([projectId, ofProject]) => {
      const own = sum(ofProject, (load) => load.running);
      return {
        projectId,
        running: own,
        queued: sum(ofProject, (load) => load.queued),
        share: running === 0 ? 0 : own / running,
        fairShare: 1 / byProject.size,
      };
    }),
  };
}

function laneLoad(lane: Lane, loads: readonly { running: number; queued: number }[]): LaneLoad {
  const running = sum(loads, (load) => load.running);
  const capacity = lane.maxConcurrent * loads.length;
  return {
    lane,
    capacity,
    running,
    queued: sum(loads, (load) => load.queued),
    utilization: capacity === 0 ? 0 : running / capacity,
  };
}

const sum = <T>(items: readonly T[], valueOf: (item: T) => number): number =>
  items.reduce((total, item) => total + valueOf(item), 0);
