import { checkedNumber } from "../../kit/checked-input.ts";
import { roundUsd } from "../../../lib/usd.ts";
import { extrapolate, type Effort } from "../domain/extrapolate.ts";
import type { Interval } from "../domain/statistics/interval.ts";
import type { Complexity, Project, Task } from "../domain/project.ts";
import { predict, type Actual, type Prediction } from "../domain/rehearsal.ts";
import type { Run } from "../domain/run.ts";
import { stratifiedTotal } from "../domain/stratified-total.ts";
import { stratifiedSample, type StratifiedSample } from "../domain/stratified-sample.ts";
import { spreadOfTasks } from "../domain/task-spread.ts";
import type { Ports } from "../ports.ts";
import type { Principal } from "./principal.ts";
import { loadPriors, type PriorLookup } from "./priors.ts";
import { requireWork } from "./require-work.ts";
import { startRun, type StartPorts } from "./start-project.ts";

export interface SimulateProjectInput {
  projectId: string;
  /** 0.001-0.2; default 0.01. */
  rehearsalPct?: number | undefined;
  /** Default `dry_run`. */
  executor?: "dry_run" | "canary" | undefined;
  /** 0-2147483647; chosen when left out. */
  seed?: number | null | undefined;
}

/** A whole project estimated from a sample of its tasks; shares are 0-1. */
export interface Simulation extends Prediction {
  project: Project;
  /** The rehearsal that runs the sample; null for a dry run. */
  run: Run | null;
  /** What the sampled tasks come to: what they did where they were rehearsed, else their estimates. */
  rehearsed: Effort;
  /** The whole by the size of each stratum and the mean of its sample. */
  estimated: Effort;
  classicalInterval: Interval | null;
  strata: { complexity: Complexity; tasksTotal: number; tasksSampled: number; meanCostUsd: number }[];
  tasksTotal: number;
  tasksSampled: number;
  /** Tasks whose actual cost is known from rehearsals. */
  tasksObserved: number;
  /** Mean similarity of results to requests, -1 to 1; null when nothing was rehearsed. */
  echoCosMean: number | null;
  requestedPct: number;
  effectivePct: number;
  strataCoverage: number;
  autoBumped: boolean;
  seed: number;
  warnings: readonly string[];
}

export type SimulatePorts = StartPorts & Pick<Ports, "newSeed" | "priors" | "rehearsals">;

const DEFAULT_PCT = 0.01;
const SMALLEST_PCT = 0.001;
const LARGEST_PCT = 0.2;
const LARGEST_SEED = 2_147_483_647;

/**
 * Estimates a project from a sample of its tasks. A dry run stores nothing and asks no executor; a canary has the
 * executor rehearse the sample, once per project, share and seed, and later simulations learn from its receipts.
 *
 * @throws CodedError BAD_USER_INPUT, NOT_FOUND, CONFLICT; for a canary also IDEMPOTENCY_IN_FLIGHT and
 * EXECUTOR_UNAVAILABLE
 */
export async function simulateProject(
  ports: SimulatePorts,
  principal: Principal,
  input: SimulateProjectInput,
): Promise<Simulation> {
  const pct = checkedNumber("input.rehearsalPct", input.rehearsalPct ?? DEFAULT_PCT, [
    SMALLEST_PCT,
    LARGEST_PCT,
  ]);
  const seed = checkedNumber("input.seed", input.seed ?? ports.newSeed(), [0, LARGEST_SEED]);
  const { project, tasks } = await requireWork(ports, principal.tenant, input.projectId);
  const lookup = await loadPriors(ports, principal.tenant);
  const isCanary = input.executor === "canary";
  const sample = stratifiedSample(tasks, { pct, seed, ...(!isCanary && { spreadOf: spreadIn(lookup) }) });
  const run = isCanary ? await rehearse(ports, principal, { projectId: project.id, pct, seed }) : null;
  const actuals = await ports.rehearsals.actuals(project.id);
  const priorOf = (laneId: number) => lookup({ laneId, provider: null });
  const prediction = predict({ tasks, actuals, priorOf, seed });
  return {
    ...figuresOf(sample, actuals),
    ...prediction,
    expected: { ...prediction.expected, costUsd: roundUsd(prediction.expected.costUsd) },
    project,
    run,
    seed,
    tasksObserved: actuals.size,
    echoCosMean: meanEcho(actuals),
  };
}

function figuresOf({ strata, ...sample }: StratifiedSample<Task>, actuals: ReadonlyMap<string, Actual>) {
  const effortOf = (task: Task): Effort => actuals.get(task.id) ?? estimateOf(task);
  const { total, means } = extrapolate({ strata, ...sample }, effortOf);
  const sampled = strata.flatMap((stratum) => stratum.sampled).map(effortOf);
  const sum = (valueOf: (effort: Effort) => number) =>
    sampled.reduce((so, effort) => so + valueOf(effort), 0);
  const classical = stratifiedTotal(
    strata.map((stratum) => ({
      tasks: stratum.tasksTotal,
      values: stratum.sampled.map((task) => effortOf(task).costUsd),
    })),
  );
  return {
    ...sample,
    rehearsed: {
      tokens: sum(({ tokens }) => tokens),
      durationMs: sum(({ durationMs }) => durationMs),
      costUsd: roundUsd(sum(({ costUsd }) => costUsd)),
    },
    estimated: { ...total, costUsd: roundUsd(total.costUsd) },
    classicalInterval: classical?.interval ?? null,
    strata: strata.map(({ complexity, tasksTotal, sampled }, index) => ({
      complexity,
      tasksTotal,
      tasksSampled: sampled.length,
      meanCostUsd: roundUsd(means[index]?.mean.costUsd ?? 0),
    })),
  };
}

async function rehearse(
  ports: SimulatePorts,
  principal: Principal,
  { projectId, pct, seed }: { projectId: string; pct: number; seed: number },
): Promise<Run> {
  const { run } = await startRun(ports, principal, {
    order: { projectId, runKind: "rehearsal", sample: { pct, seed } },
    key: `${projectId}/${pct}/${seed}`,
    scope: { operation: "simulateProject" },
  });
  return run;
}

/** Known only once some lane of the tasks has a history. */
const spreadIn = (lookup: PriorLookup) => (tasks: readonly Task[]) =>
  spreadOfTasks(tasks, (laneId) => lookup({ laneId, provider: null }));

const estimateOf = (task: Task): Effort => ({
  tokens: task.estimatedTokens,
  durationMs: task.estimatedDurationMs,
  costUsd: task.estimatedCostUsd,
});

function meanEcho(actuals: ReadonlyMap<string, Actual>): number | null {
  const echoes = [...actuals.values()].flatMap(({ echoCos }) => echoCos ?? []);
  return echoes.length === 0 ? null : echoes.reduce((sum, echo) => sum + echo, 0) / echoes.length;
}
