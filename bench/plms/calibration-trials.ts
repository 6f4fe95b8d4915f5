import { factoryPrior, learn, ratioInterval, type Observation } from "../../subgraphs/plms/domain/prior.ts";
import { momentsOf } from "../../subgraphs/plms/domain/statistics/moments.ts";
import type { Trial } from "./coverage.ts";
import { LANE_BIAS, seededDraws, taskFactor, type CostDistribution } from "./synthetic-projects.ts";

const TASKS_PER_RUN = 20;

/** The ratio expected of the next run after so many, and what it came to: runs differ by their own bias, too. */
export function calibrationTrials(distribution: CostDistribution, projects: number, runs: number): Trial[] {
  return Array.from({ length: projects }, (_, seed) => {
    const random = seededDraws(seed + 1);
    const observed = (index: number): Observation => {
      const bias = LANE_BIAS * random.normal() + distribution.driftPerRun * index;
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
    const { low, high, level } = ratioInterval(prior.costUsd);
    return {
      interval: { low: Math.exp(low), high: Math.exp(high), level },
      truth: Math.exp(observed(runs).costUsd.logRatio ?? 0),
      isLowReliability: false,
    };
  });
}
