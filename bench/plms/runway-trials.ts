import type { ProjectLedger, RunLane } from "../../subgraphs/plms/domain/budget-ledger.ts";
import { burnWindow } from "../../subgraphs/plms/domain/burn-window.ts";
import { interval } from "../../subgraphs/plms/domain/statistics/interval.ts";
import { DEFAULT_ALARMS } from "../../subgraphs/plms/domain/runway-status.ts";
import { runwayOf } from "../../subgraphs/plms/domain/runway.ts";
import { factoryPrior } from "../../subgraphs/plms/domain/prior.ts";
import { momentsOf } from "../../subgraphs/plms/domain/statistics/moments.ts";
import { spreadBehind, tasksOf } from "../../subgraphs/plms/domain/task-belief.ts";
import { laneHistory, runBias } from "./lane-history.ts";
import {
  LANES,
  seededDraws,
  syntheticProject,
  taskFactor,
  type CostDistribution,
  type SyntheticProject,
} from "./synthetic-projects.ts";
import type { Trial } from "./trial.ts";

const SIZE = 200;
const HOUR_MINUTES = 60;

/** The total cost expected when a share of the tasks is done, and what the projects really cost. */
export function costTrials(
  distribution: CostDistribution,
  projects: number,
  { share, runs = 0 }: { share: number; runs?: number },
): Trial[] {
  return Array.from({ length: projects }, (_, seed) => {
    const random = seededDraws(seed + 1);
    const biases = new Map(LANES.map((laneId) => [laneId, runBias(random, distribution, runs)]));
    const project = syntheticProject(random, distribution, {
      size: SIZE,
      biasOf: (id) => biases.get(id) ?? 0,
    });
    const priors = new Map(LANES.map((id) => [id, laneHistory(random, distribution, runs).prior.costUsd]));
    const priorOf = (laneId: number) => priors.get(laneId) ?? factoryPrior().costUsd;
    const found = runwayOf(ledgerAfter(project, Math.round(SIZE * share)), {
      nowMs: 600_000,
      beliefOf: (laneId) => tasksOf(priorOf(laneId)),
      spreadOf: (laneId) => spreadBehind(priorOf(laneId)),
    });
    return {
      interval: found.projectedCostInterval,
      truth: project.costs.reduce((sum, cost) => sum + cost, 0),
      isLowReliability: found.reliability === "low",
    };
  });
}

/** The rate of charges that come by chance, so many of them in an hour on average. */
export function burnTrials(distribution: CostDistribution, projects: number, charges: number): Trial[] {
  const meanFactor = distribution.tail === "heavy" ? 0.95 + 0.05 * 2 * (1.8 / 0.8) : 1;
  return Array.from({ length: projects }, (_, seed) => {
    const random = seededDraws(seed + 1);
    const slices = [];
    for (
      let minute = wait(random.uniform(), charges);
      minute < HOUR_MINUTES;
      minute += wait(random.uniform(), charges)
    ) {
      const usd = taskFactor(random, distribution);
      slices.push({
        ageMs: (HOUR_MINUTES - minute) * 60_000 - 1,
        usd,
        usdCharged: usd,
        usdSquares: usd * usd,
      });
    }
    const found = burnWindow(slices, { minutes: HOUR_MINUTES, elapsedMs: HOUR_MINUTES * 60_000 });
    return {
      interval: found.interval ?? interval(0, 0),
      truth: (charges / HOUR_MINUTES) * meanFactor,
      isLowReliability: found.effectiveEvents < 3,
    };
  });
}

const wait = (uniform: number, charges: number): number => (-Math.log(1 - uniform) * HOUR_MINUTES) / charges;

function ledgerAfter({ tasks, costs }: SyntheticProject, done: number): ProjectLedger {
  const isDone = (index: number) => index < done;
  const spent = costs.filter((_, index) => isDone(index)).reduce((sum, cost) => sum + cost, 0);
  const laneOf = (laneId: number): RunLane => {
    const finished = tasks.filter((task) => task.laneId === laneId && isDone(task.orderIndex));
    const actual = (index: number) => costs[index] ?? 0;
    const ratios = finished.map((task) => Math.log(actual(task.orderIndex) / task.estimatedCostUsd));
    return {
      laneId,
      tasks: finished.length,
      usdSpent: finished.reduce((sum, task) => sum + actual(task.orderIndex), 0),
      estimatedUsd: finished.reduce((sum, task) => sum + task.estimatedCostUsd, 0),
      estimatedUsdSquared: finished.reduce((sum, task) => sum + task.estimatedCostUsd ** 2, 0),
      ratios: momentsOf(ratios),
      ratioCubes: ratios.reduce((sum, ratio) => sum + ratio ** 3, 0),
      order: {
        x: finished.reduce((sum, task) => sum + task.orderIndex, 0),
        xx: finished.reduce((sum, task) => sum + task.orderIndex ** 2, 0),
        xy: finished.reduce((sum, task, index) => sum + task.orderIndex * (ratios[index] ?? 0), 0),
      },
    };
  };
  return {
    projectId: "1",
    tenant: "default",
    usdMax: 1000,
    alarms: DEFAULT_ALARMS,
    usdSpent: spent,
    revision: 1,
    standing: null,
    lanes: LANES.map((laneId) => {
      const own = tasks.filter((task) => task.laneId === laneId);
      return {
        laneId,
        maxConcurrent: 3,
        tasks: own.length,
        estimatedUsd: own.reduce((sum, task) => sum + task.estimatedCostUsd, 0),
        estimatedUsdSquared: own.reduce((sum, task) => sum + task.estimatedCostUsd ** 2, 0),
        learntLogRatio: 0,
        orderSum: own.reduce((sum, task) => sum + task.orderIndex, 0),
      };
    }),
    runs: [
      {
        kind: "baseline",
        status: "executing",
        startedAtMs: 0,
        pausedAtMs: null,
        pausedMs: 0,
        receipts: done,
        burn: { usd: spent, atMs: 600_000 },
        slices: [],
        lanes: LANES.map(laneOf),
      },
    ],
  };
}
