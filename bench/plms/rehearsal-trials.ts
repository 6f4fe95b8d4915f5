import { fallbackPrior } from "../../subgraphs/plms/domain/prior-fallback.ts";
import { predict, type Actual } from "../../subgraphs/plms/domain/rehearsal.ts";
import { stratifiedSample } from "../../subgraphs/plms/domain/stratified-sample.ts";
import { laneHistory, runBias } from "./lane-history.ts";
import { LANES, seededDraws, syntheticProject, type CostDistribution } from "./synthetic-projects.ts";
import type { Trial } from "./trial.ts";

/** A dry run of projects whose lanes have had so many runs before: nothing is rehearsed. */
export function dryRunTrials(
  distribution: CostDistribution,
  projects: number,
  { size, runs }: { size: number; runs: number },
): Trial[] {
  return Array.from({ length: projects }, (_, seed) => {
    const random = seededDraws(seed + 1);
    const biases = new Map(LANES.map((laneId) => [laneId, runBias(random, distribution, runs)]));
    const { tasks, costs } = syntheticProject(random, distribution, {
      size,
      biasOf: (id) => biases.get(id) ?? 0,
    });
    const priors = new Map(LANES.map((id) => [id, laneHistory(random, distribution, runs).prior]));
    const found = predict({
      tasks,
      actuals: new Map(),
      seed,
      priorOf: (laneId) => fallbackPrior({ laneId, provider: null }, (key) => priors.get(key.laneId ?? 0)),
    });
    return {
      interval: found.intervals.costUsd,
      truth: costs.reduce((sum, cost) => sum + cost, 0),
      isLowReliability: found.reliability === "low",
    };
  });
}

/** A 1 % rehearsal of projects whose lanes have had so many runs before, and what they really cost. */
export function rehearsalTrials(
  distribution: CostDistribution,
  projects: number,
  { size, runs = 0 }: { size: number; runs?: number },
): Trial[] {
  return Array.from({ length: projects }, (_, seed) => {
    const random = seededDraws(seed + 1);
    const common = runBias(random, distribution, 0);
    const lanes = new Map(
      LANES.map((laneId) => [laneId, runs === 0 ? common : runBias(random, distribution, runs)]),
    );
    const { tasks, costs } = syntheticProject(random, distribution, {
      size,
      biasOf: (id) => lanes.get(id) ?? 0,
    });
    const priors = new Map(LANES.map((id) => [id, laneHistory(random, distribution, runs).prior]));
    const sample = stratifiedSample(tasks, { pct: 0.01, seed });
    const actuals = new Map<string, Actual>(
      sample.strata.flatMap(({ sampled }) =>
        sampled.map((task) => [
          task.id,
          {
            tokens: task.estimatedTokens,
            durationMs: task.estimatedDurationMs,
            costUsd: costs[task.orderIndex] ?? 0,
            succeeded: true,
            echoCos: null,
          },
        ]),
      ),
    );
    const found = predict({
      tasks,
      actuals,
      seed,
      priorOf: (laneId) => fallbackPrior({ laneId, provider: null }, (key) => priors.get(key.laneId ?? 0)),
    });
    return {
      interval: found.intervals.costUsd,
      truth: costs.reduce((sum, cost) => sum + cost, 0),
      isLowReliability: found.reliability === "low",
    };
  });
}
