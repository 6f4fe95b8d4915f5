import { allocate } from "./allocation.ts";
import { COMPLEXITIES, type Complexity } from "./project.ts";
import { seededRandom } from "./statistics/seeded-random.ts";

/** The tasks of one complexity, and which of them were drawn. */
interface Stratum<T> {
  complexity: Complexity;
  tasksTotal: number;
  sampled: readonly T[];
}

export interface StratifiedSample<T> {
  /** In rising order of complexity; complexities without tasks are left out. */
  strata: readonly Stratum<T>[];
  tasksTotal: number;
  tasksSampled: number;
  /** Shares, 0-1. */
  requestedPct: number;
  effectivePct: number;
  /** Share of the strata with at least one sampled task, 0-1. */
  strataCoverage: number;
  /** True when more was sampled than asked for, to cover every stratum. */
  autoBumped: boolean;
  warnings: readonly string[];
}

interface SampleSpec<T> {
  /** Share of the tasks, 0-1. */
  pct: number;
  seed: number;
  spreadOf?: (tasks: readonly T[]) => number;
}

const USUAL_LARGEST_PCT = 0.05;

/**
 * Draws tasks by complexity, without replacement, at least two of each; equal tasks, share and seed give equal
 * samples.
 *
 * @param spreadOf how much the tasks of a complexity differ, when that is known
 * @param tasks in a stable order, at least one
 */
export function stratifiedSample<T extends { complexity: Complexity }>(
  tasks: readonly T[],
  { pct, seed, spreadOf = () => 0 }: SampleSpec<T>,
): StratifiedSample<T> {
  const random = seededRandom(seed);
  const groups = COMPLEXITIES.map((complexity) => ({
    complexity,
    tasks: tasks.filter((task) => task.complexity === complexity),
  })).filter((stratum) => stratum.tasks.length > 0);
  const quotas = allocate(
    groups.map((group) => ({ tasks: group.tasks.length, spread: spreadOf(group.tasks) })),
    pct,
  );
  const strata = groups.map(({ complexity, tasks }, index) => ({
    complexity,
    tasksTotal: tasks.length,
    sampled: draw(tasks, quotas[index] ?? 0, random),
  }));
  const tasksSampled = strata.reduce((total, { sampled }) => total + sampled.length, 0);
  const autoBumped = tasksSampled > Math.round(pct * tasks.length);
  const effectivePct = tasksSampled / tasks.length;
  return {
    strata,
    tasksTotal: tasks.length,
    tasksSampled,
    requestedPct: pct,
    effectivePct,
    strataCoverage: strata.filter(({ sampled }) => sampled.length > 0).length / strata.length,
    autoBumped,
    warnings: warningsFor({ tasksTotal: tasks.length, tasksSampled, pct, effectivePct, autoBumped }),
  };
}

/** The first steps of a Fisher-Yates shuffle. */
function draw<T>(items: readonly T[], count: number, random: () => number): T[] {
  const pool = [...items];
  return Array.from({ length: count }, () => {
    const [drawn] = pool.splice(Math.floor(random() * pool.length), 1);
    return drawn as T;
  });
}

function warningsFor(sample: {
  tasksTotal: number;
  tasksSampled: number;
  pct: number;
  effectivePct: number;
  autoBumped: boolean;
}): string[] {
  const taken = `${sample.tasksSampled} of ${sample.tasksTotal} tasks (${percent(sample.effectivePct)})`;
  const warnings: string[] = [];
  if (sample.autoBumped) {
    warnings.push(
      `Sampled ${taken} instead of ${percent(sample.pct)}, so that two of every complexity are covered`,
    );
  }
  if (sample.effectivePct > USUAL_LARGEST_PCT) {
    warnings.push(`The sample takes ${taken}, more than the usual ${percent(USUAL_LARGEST_PCT)}`);
  }
  return warnings;
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;
