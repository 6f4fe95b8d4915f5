/** How the true costs of a project come about; nobody who estimates knows of it. */
export interface Truth {
  name: string;
  /** Coefficient of variation of single tasks. */
  cv: number;
  /** Standard deviation of what all tasks of a project share, and of what those of a lane share: ln(actual / estimate). */
  projectBias: number;
  laneBias: number;
  /** Change of ln(actual / estimate) from the first task to the last. */
  drift: number;
  /** Change of ln(actual / estimate) from one task on, somewhere in the middle half. */
  step: number;
  /** Share of tasks that are `tailFactor` times dearer. */
  tail: number;
  tailFactor: number;
  /** Share of the tasks that fail once and are charged again. */
  retries: number;
}

/** A set of kinds and of shapes of projects. */
export interface Family {
  truths: readonly Truth[];
  leastTasks: number;
  mostTasks: number;
  /** As many tasks of each lane at a time. */
  lanes: readonly { laneId: number; maxConcurrent: number }[];
  /** What tasks are estimated at, from common to rare. */
  estimatesUsd: readonly [number, number, number];
  /** Share of the receipts that are late, and by how much at most. */
  late: number;
  latestMinutes: number;
  mostPauses: number;
  /** First of its seeds: no two families share one. */
  seed: number;
}

const plain: Omit<Truth, "name"> = {
  cv: 0.4,
  projectBias: 0.15,
  laneBias: 0.15,
  drift: 0,
  step: 0,
  tail: 0,
  tailFactor: 8,
  retries: 0.05,
};

/** What constants may be chosen on. */
const TUNING: Family = {
  truths: [
    { name: "close to the estimates", ...plain, cv: 0.25, projectBias: 0.08, laneBias: 0.08 },
    { name: "ordinary", ...plain },
    { name: "noisy tasks", ...plain, cv: 0.8 },
    { name: "project off as a whole", ...plain, projectBias: 0.4 },
    { name: "lanes off on their own", ...plain, laneBias: 0.45 },
    { name: "many retries", ...plain, retries: 0.25 },
    { name: "costs rise by 60 %", ...plain, cv: 0.3, drift: Math.log(1.6) },
    { name: "costs fall by a third", ...plain, cv: 0.3, drift: -Math.log(1.5) },
    { name: "5 % eight times dearer", ...plain, cv: 0.3, tail: 0.05 },
  ],
  leastTasks: 40,
  mostTasks: 160,
  lanes: [
    { laneId: 4200, maxConcurrent: 4 },
    { laneId: 4203, maxConcurrent: 3 },
    { laneId: 5100, maxConcurrent: 2 },
  ],
  estimatesUsd: [0.09, 0.216, 0.612],
  late: 0.1,
  latestMinutes: 20,
  mostPauses: 1,
  seed: 1,
};

/** What figures are published of: other kinds, other parameters, other shapes, and seeds that nothing was chosen on. */
const REPORTED: Family = {
  truths: [
    { name: "close to the estimates", ...plain, cv: 0.2, projectBias: 0.05, laneBias: 0.1 },
    { name: "ordinary", ...plain, cv: 0.45, projectBias: 0.2, laneBias: 0.2 },
    { name: "noisy tasks", ...plain, cv: 0.95 },
    { name: "project off as a whole", ...plain, projectBias: 0.5, laneBias: 0.1 },
    { name: "lanes off on their own", ...plain, laneBias: 0.6, projectBias: 0.05 },
    { name: "many retries", ...plain, retries: 0.35 },
    { name: "costs rise by 60 %", ...plain, drift: Math.log(1.6) },
    { name: "costs double", ...plain, cv: 0.35, drift: Math.log(2) },
    { name: "costs fall by 30 %", ...plain, drift: Math.log(0.7) },
    { name: "a step up by half", ...plain, cv: 0.35, step: Math.log(1.5) },
    { name: "5 % eight times dearer", ...plain, tail: 0.05 },
    { name: "3 % twelve times dearer", ...plain, cv: 0.3, tail: 0.03, tailFactor: 12 },
  ],
  leastTasks: 30,
  mostTasks: 200,
  lanes: [
    { laneId: 4201, maxConcurrent: 3 },
    { laneId: 4202, maxConcurrent: 1 },
    { laneId: 5101, maxConcurrent: 5 },
    { laneId: 6100, maxConcurrent: 2 },
  ],
  estimatesUsd: [0.05, 0.15, 0.9],
  late: 0.15,
  latestMinutes: 30,
  mostPauses: 3,
  seed: 1_000_001,
};

export const FAMILIES = { tuning: TUNING, reported: REPORTED } as const;
