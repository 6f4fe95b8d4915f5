import { badInput } from "../../../lib/errors.ts";
import { roundUsd } from "../../../lib/usd.ts";
import { extrapolate, type Effort } from "../domain/extrapolate.ts";
import type { Complexity, Project, Task } from "../domain/project.ts";
import { stratifiedSample } from "../domain/stratified-sample.ts";
import type { Ports } from "./ports.ts";
import type { Principal } from "./principal.ts";
import { requireWork } from "./require-work.ts";

export interface SimulateProjectInput {
  projectId: string;
  /** 0.001-0.2; default 0.01. */
  rehearsalPct?: number | undefined;
  /** Chosen when left out. */
  seed?: number | null | undefined;
}

/** A whole project estimated from a sample of its tasks; shares are 0-1. */
export interface Simulation {
  project: Project;
  estimated: Effort;
  strata: { complexity: Complexity; tasksTotal: number; tasksSampled: number; meanCostUsd: number }[];
  tasksTotal: number;
  tasksSampled: number;
  requestedPct: number;
  effectivePct: number;
  strataCoverage: number;
  autoBumped: boolean;
  seed: number;
  warnings: readonly string[];
}

const DEFAULT_PCT = 0.01;
const SMALLEST_PCT = 0.001;
const LARGEST_PCT = 0.2;

/**
 * Estimates a project from a sample of its tasks' own estimates. Nothing is stored and the executor is not asked.
 *
 * @throws CodedError BAD_USER_INPUT, NOT_FOUND, CONFLICT
 */
export async function simulateProject(
  ports: Pick<Ports, "projects" | "newSeed">,
  principal: Pick<Principal, "tenant">,
  input: SimulateProjectInput,
): Promise<Simulation> {
  const pct = input.rehearsalPct ?? DEFAULT_PCT;
  if (!(pct >= SMALLEST_PCT && pct <= LARGEST_PCT)) {
    throw badInput("input.rehearsalPct", pct, `a number from ${SMALLEST_PCT} to ${LARGEST_PCT}`);
  }
  const { project, tasks } = await requireWork(ports, principal.tenant, input.projectId);
  const seed = input.seed ?? ports.newSeed();
  const { strata, ...sample } = stratifiedSample(tasks, { pct, seed });
  const { total, means } = extrapolate({ strata, ...sample }, effortOf);
  return {
    ...sample,
    project,
    seed,
    estimated: { ...total, costUsd: roundUsd(total.costUsd) },
    strata: strata.map(({ complexity, tasksTotal, sampled }, index) => ({
      complexity,
      tasksTotal,
      tasksSampled: sampled.length,
      meanCostUsd: roundUsd(means[index]?.mean.costUsd ?? 0),
    })),
  };
}

const effortOf = (task: Task): Effort => ({
  tokens: task.estimatedTokens,
  durationMs: task.estimatedDurationMs,
  costUsd: task.estimatedCostUsd,
});
