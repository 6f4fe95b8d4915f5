import { reliabilityOfPrior } from "../../subgraphs/plms/domain/prior-view.ts";
import { ratioInterval } from "../../subgraphs/plms/domain/prior.ts";
import { laneHistory } from "./lane-history.ts";
import { seededDraws, type CostDistribution } from "./synthetic-projects.ts";
import type { Trial } from "./trial.ts";

/** The ratio expected of the next run after so many, and what it came to. */
export function calibrationTrials(distribution: CostDistribution, projects: number, runs: number): Trial[] {
  return Array.from({ length: projects }, (_, seed) => {
    const { prior, nextRun } = laneHistory(seededDraws(seed + 1), distribution, runs);
    const { low, high, level } = ratioInterval(prior.costUsd);
    return {
      interval: { low: Math.exp(low), high: Math.exp(high), level },
      truth: Math.exp(nextRun()),
      isLowReliability: reliabilityOfPrior(prior.costUsd) === "low",
    };
  });
}
