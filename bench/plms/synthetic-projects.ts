import { createDraws, type Draws } from "../../subgraphs/plms/domain/statistics/draws.ts";
import { logVarianceOf } from "../../subgraphs/plms/domain/statistics/lognormal.ts";
import type { Complexity, Task } from "../../subgraphs/plms/domain/project.ts";

/** How much tasks differ from their corrected estimates. */
export interface CostDistribution {
  name: string;
  /** Coefficient of variation of single tasks; of the bulk for the heavy tail. */
  cv: number;
  tail: "lognormal" | "heavy";
  /** Change of the lane's ln(actual / estimate) from run to run. */
  driftPerRun: number;
  /** How far lanes are off as a whole, run by run: sd of ln(actual / estimate). */
  laneBias: number;
}

/** As far as the factory's word of 30 % allows for. */
const USUAL_BIAS = 0.3;

const like = (name: string, cv: number, more: Partial<CostDistribution> = {}): CostDistribution => ({
  name,
  cv,
  tail: "lognormal",
  driftPerRun: 0,
  laneBias: USUAL_BIAS,
  ...more,
});

export const DISTRIBUTIONS: readonly CostDistribution[] = [
  like("lognormal CV 0.3", 0.3),
  like("lognormal CV 0.3, lanes never off", 0.3, { laneBias: 0 }),
  like("lognormal CV 0.6", 0.6),
  like("lognormal CV 1.0", 1),
  like("heavy tail (5 % x Pareto 1.8)", 0.6, { tail: "heavy" }),
  like("drifting lanes, CV 0.3", 0.3, { driftPerRun: 0.03 }),
  like("lanes twice as far off, CV 0.3", 0.3, { laneBias: 2 * USUAL_BIAS }),
];

/** Estimates by complexity, and how common each is: a task costs 0.18 USD on average. */
const STRATA: readonly { complexity: Complexity; share: number; costUsd: number }[] = [
  { complexity: "simple", share: 0.6, costUsd: 0.09 },
  { complexity: "moderate", share: 0.3, costUsd: 0.216 },
  { complexity: "complex", share: 0.1, costUsd: 0.612 },
];

export const LANES = [4200, 4201, 4202];

export interface SyntheticProject {
  tasks: Task[];
  /** What each task will really cost, in USD, in the order of the tasks. */
  costs: number[];
}

export function syntheticProject(
  random: Draws,
  distribution: CostDistribution,
  { size, biasOf }: { size: number; biasOf: (laneId: number) => number },
): SyntheticProject {
  const tasks = Array.from({ length: size }, (_, index) => syntheticTask(random, index));
  const costs = tasks.map(
    ({ laneId, estimatedCostUsd }) =>
      estimatedCostUsd * Math.exp(biasOf(laneId)) * taskFactor(random, distribution),
  );
  return { tasks, costs };
}

export const seededDraws = (seed: number): Draws => createDraws(seed);

/** Mean 1 for the bulk. */
export function taskFactor(random: Draws, { cv, tail }: CostDistribution): number {
  const variance = logVarianceOf(cv);
  const bulk = Math.exp(-variance / 2 + Math.sqrt(variance) * random.normal());
  const isExtreme = tail === "heavy" && random.uniform() < 0.05;
  return isExtreme ? bulk * (1 - random.uniform()) ** (-1 / 1.8) * 2 : bulk;
}

function syntheticTask(random: Draws, index: number): Task {
  const roll = random.uniform();
  const stratum = STRATA[roll < 0.6 ? 0 : roll < 0.9 ? 1 : 2] ?? STRATA[0]!;
  return {
    id: String(index + 1),
    projectId: "1",
    orderIndex: index,
    name: `Task ${index}`,
    description: null,
    laneId: LANES[index % LANES.length] ?? 0,
    complexity: stratum.complexity,
    status: "pending",
    estimatedTokens: 3000,
    estimatedDurationMs: 300_000,
    estimatedCostUsd: stratum.costUsd,
    estimateSource: null,
    learntLogRatio: { tokens: 0, durationMs: 0, costUsd: 0 },
  };
}
