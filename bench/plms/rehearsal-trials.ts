import { fallbackPrior } from "../../subgraphs/plms/domain/prior-fallback.ts";
import { predict, type Actual } from "../../subgraphs/plms/domain/rehearsal.ts";
import { stratifiedSample } from "../../subgraphs/plms/domain/stratified-sample.ts";
import type { Trial } from "./coverage.ts";
import { LANE_BIAS, seededDraws, syntheticProject, type CostDistribution } from "./synthetic-projects.ts";

/** A 1 % rehearsal of projects without history, and what they really cost. */
export function rehearsalTrials(distribution: CostDistribution, projects: number, size: number): Trial[] {
  return Array.from({ length: projects }, (_, seed) => {
    const random = seededDraws(seed + 1);
    const bias = LANE_BIAS * random.normal();
    const { tasks, costs } = syntheticProject(random, distribution, { size, biasOf: () => bias });
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
      priorOf: (laneId) => fallbackPrior({ laneId, provider: null }, () => undefined),
    });
    return {
      interval: found.intervals.costUsd,
      truth: costs.reduce((sum, cost) => sum + cost, 0),
      isLowReliability: found.reliability === "low",
    };
  });
}
