import { factoryPrior, learn, type Observation, type Prior } from "../../subgraphs/plms/domain/prior.ts";
import { momentsOf } from "../../subgraphs/plms/domain/statistics/moments.ts";
import type { Draws } from "../../subgraphs/plms/domain/statistics/draws.ts";
import { taskFactor, type CostDistribution } from "./synthetic-projects.ts";

const TASKS_PER_RUN = 20;

/** A lane whose runs differ by a bias of their own each. */
export interface LaneHistory {
  prior: Prior;
  /** ln(actual / estimate) of each run so far, and of the one to come. */
  nextRun: () => number;
}

/** What a lane has taught after so many runs. */
export function laneHistory(random: Draws, distribution: CostDistribution, runs: number): LaneHistory {
  const observed = (index: number): Observation => {
    const bias = runBias(random, distribution, index);
    const factors = Array.from(
      { length: TASKS_PER_RUN },
      () => Math.exp(bias) * taskFactor(random, distribution),
    );
    const mean = factors.reduce((sum, factor) => sum + factor, 0) / TASKS_PER_RUN;
    const metric = { perTask: mean, logRatio: Math.log(mean), tasks: momentsOf(factors.map(Math.log)) };
    return { tokens: metric, durationMs: metric, costUsd: metric };
  };
  let prior = factoryPrior();
  for (let index = 0; index < runs; index += 1) prior = learn(prior, observed(index)).prior;
  return { prior, nextRun: () => observed(runs).costUsd.logRatio ?? 0 };
}

/** How far all tasks of a lane are off in its run with this index. */
export const runBias = (random: Draws, { laneBias, driftPerRun }: CostDistribution, index: number): number =>
  laneBias * random.normal() + driftPerRun * index;
