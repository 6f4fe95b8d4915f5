import type { SourcedPrior } from "./prior-fallback.ts";
import type { Task } from "./project.ts";
import { momentsOf, varianceOf } from "./statistics/moments.ts";
import { tasksOf } from "./task-belief.ts";

/**
 * Standard deviation of what tasks cost, in USD: how much their estimates differ, and how much tasks of their
 * lanes have differed from theirs. 0 (unknown) while none of the lanes has a history.
 */
export function spreadOfTasks(tasks: readonly Task[], priorOf: (laneId: number) => SourcedPrior): number {
  const priors = new Map([...new Set(tasks.map(({ laneId }) => laneId))].map((id) => [id, priorOf(id)]));
  if ([...priors.values()].every(({ source }) => source === "factory")) return 0;
  const own = tasks.reduce((sum, { laneId, estimatedCostUsd }) => {
    const sourced = priors.get(laneId);
    if (!sourced) return sum;
    const { a, b } = tasksOf(sourced.prior.costUsd);
    return sum + estimatedCostUsd ** 2 * Math.expm1(b / a);
  }, 0);
  const between = varianceOf(momentsOf(tasks.map(({ estimatedCostUsd }) => estimatedCostUsd)));
  return Math.sqrt(own / tasks.length + between);
}
