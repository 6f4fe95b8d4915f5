import type { Belief } from "./calibration.ts";
import { completionOf, type Completion, type OpenWork } from "./completion-cost.ts";
import type { Effort } from "./extrapolate.ts";
import { METRICS, type Metric } from "./prior.ts";
import { reliabilityOfPrior } from "./prior-view.ts";
import type { SourcedPrior } from "./prior-fallback.ts";
import type { Task } from "./project.ts";
import {
  leastOf,
  pooledSpread,
  reliabilityOf,
  sumOfSpreads,
  taskCvOf,
  type Reliability,
  type Spread,
} from "./reliability.ts";
import { cvOf } from "./statistics/lognormal.ts";
import { momentsOf, varianceOf, type Moments } from "./statistics/moments.ts";
import { afterTasks, beyondEstimate, spreadBehind, tasksOf } from "./task-belief.ts";

type RiskIssue = "high_variance" | "no_history" | "failed_tasks";

/** Why the figures of a lane are to be taken with care. */
export interface RiskFactor {
  laneId: number;
  issue: RiskIssue;
  /** Tasks that say so. */
  samples: number;
}

/** What a task came to in a rehearsal. */
export interface Actual extends Effort {
  succeeded: boolean;
  echoCos: number | null;
}

export interface Rehearsal {
  tasks: readonly Task[];
  /** By task id. */
  actuals: ReadonlyMap<string, Actual>;
  priorOf: (laneId: number) => SourcedPrior;
  seed: number;
}

export interface Prediction {
  expected: Effort;
  intervals: Record<Metric, Completion["interval"]>;
  reliability: Reliability;
  /** Coefficient of variation of single tasks around their corrected estimates. */
  taskCv: number;
  recommendedSampleSize: number;
  riskFactors: readonly RiskFactor[];
}

const DRAWS = 2000;
const FEW_TASKS = 10;
/** Half the width of the wanted interval, relative to the total. */
const WANTED_PRECISION = 0.2;
const Z_90 = 1.645;
const RISKY_CV = 0.5;

/**
 * What a whole project comes to: what the rehearsed tasks came to, and the posterior predictive of all others.
 * Lanes with a history of their own correct it by their rehearsed tasks; the others learn from each other.
 */
export function predict(rehearsal: Rehearsal): Prediction {
  const completions = METRICS.map((metric) => [metric, completion(rehearsal, metric)] as const);
  const of = Object.fromEntries(completions) as Record<Metric, Completion>;
  const spread = pooledSpread([ratiosOf(rehearsal, "costUsd", () => true)]);
  const taskCv = taskCvIn(rehearsal, spread);
  return {
    expected: { tokens: of.tokens.median, durationMs: of.durationMs.median, costUsd: of.costUsd.median },
    intervals: {
      tokens: of.tokens.interval,
      durationMs: of.durationMs.interval,
      costUsd: of.costUsd.interval,
    },
    reliability: reliabilityIn(rehearsal, spread),
    taskCv,
    recommendedSampleSize: recommendedSampleSize(taskCv),
    riskFactors: lanesOf(rehearsal).flatMap((laneId) => risksOf(rehearsal, laneId)),
  };
}

/** With few tasks rehearsed it is what earlier runs of the lanes have shown, and as little as the least of them. */
function reliabilityIn(rehearsal: Rehearsal, seen: Spread): Reliability {
  const priors = lanesOf(rehearsal).map((laneId) => rehearsal.priorOf(laneId).prior.costUsd);
  const earlier = sumOfSpreads(priors.map(spreadBehind));
  if (seen.n >= FEW_TASKS) return reliabilityOf(seen, earlier);
  return leastOf([reliabilityOf(earlier), ...priors.map(reliabilityOfPrior)]);
}

/** As many tasks as it takes for a total to be within a fifth, with 90 % confidence. */
export const recommendedSampleSize = (cv: number): number => Math.ceil(((Z_90 * cv) / WANTED_PRECISION) ** 2);

const amountOf = (task: Task, metric: Metric): number =>
  ({
    tokens: task.estimatedTokens,
    durationMs: task.estimatedDurationMs,
    costUsd: task.estimatedCostUsd,
  })[metric];

function completion(rehearsal: Rehearsal, metric: Metric): Completion {
  const { tasks, actuals, priorOf, seed } = rehearsal;
  const spent = tasks.reduce((sum, task) => sum + (actuals.get(task.id)?.[metric] ?? 0), 0);
  const lanes = lanesOf(rehearsal);
  const isNew = (laneId: number) => priorOf(laneId).source === "factory";
  const openIn = (isWanted: (laneId: number) => boolean, belief: Belief): OpenWork => {
    const open = tasks.filter((task) => isWanted(task.laneId) && !actuals.has(task.id));
    return {
      belief: afterTasks(
        beyondEstimate(
          belief,
          learntIn(
            tasks.filter((task) => isWanted(task.laneId)),
            metric,
          ),
        ),
        ratiosOf(rehearsal, metric, isWanted),
      ),
      estimated: open.reduce((sum, task) => sum + amountOf(task, metric), 0),
      estimatedSquared: open.reduce((sum, task) => sum + amountOf(task, metric) ** 2, 0),
    };
  };
  const known = lanes
    .filter((laneId) => !isNew(laneId))
    .map((lane) => openIn((laneId) => laneId === lane, tasksOf(priorOf(lane).prior[metric])));
  const first = lanes.find(isNew);
  const fresh = first === undefined ? [] : [openIn(isNew, tasksOf(priorOf(first).prior[metric]))];
  return completionOf(spent, [...known, ...fresh], { draws: DRAWS, seed });
}

/** What the estimates of tasks say already of ln(actual / estimate), on average by their amounts. */
function learntIn(tasks: readonly Task[], metric: Metric): number {
  const total = tasks.reduce((sum, task) => sum + amountOf(task, metric), 0);
  const learnt = tasks.reduce((sum, task) => sum + amountOf(task, metric) * task.learntLogRatio[metric], 0);
  return total > 0 ? learnt / total : 0;
}

function ratiosOf(
  { tasks, actuals }: Rehearsal,
  metric: Metric,
  isWanted: (laneId: number) => boolean,
): Moments {
  return momentsOf(
    tasks
      .filter(({ laneId }) => isWanted(laneId))
      .flatMap((task) => {
        const actual = actuals.get(task.id)?.[metric] ?? 0;
        const estimate = amountOf(task, metric);
        return actual > 0 && estimate > 0 ? [Math.log(actual / estimate)] : [];
      }),
  );
}

/** Of the rehearsed tasks when there are a few, else what their lanes are believed to have. */
function taskCvIn(rehearsal: Rehearsal, spread: Spread): number {
  const seen = taskCvOf(spread);
  if (seen !== null && spread.n >= FEW_TASKS) return seen;
  const lanes = lanesOf(rehearsal).map((laneId) => tasksOf(rehearsal.priorOf(laneId).prior.costUsd));
  return cvOf(lanes.reduce((sum, { a, b }) => sum + b / a, 0) / lanes.length);
}

function risksOf(rehearsal: Rehearsal, lane: number): RiskFactor[] {
  const { tasks, actuals, priorOf } = rehearsal;
  const rehearsed = tasks.filter(({ laneId, id }) => laneId === lane && actuals.has(id));
  const failed = rehearsed.filter(({ id }) => actuals.get(id)?.succeeded === false).length;
  const ratios = ratiosOf(rehearsal, "costUsd", (laneId) => laneId === lane);
  const believed = tasksOf(priorOf(lane).prior.costUsd);
  const cv = cvOf(ratios.n >= 3 ? varianceOf(ratios) : believed.b / believed.a);
  const found: RiskFactor[] = [];
  if (cv > RISKY_CV) found.push({ laneId: lane, issue: "high_variance", samples: ratios.n });
  if (priorOf(lane).source === "factory") {
    found.push({ laneId: lane, issue: "no_history", samples: ratios.n });
  }
  if (failed > 0) found.push({ laneId: lane, issue: "failed_tasks", samples: failed });
  return found;
}

const lanesOf = ({ tasks }: Rehearsal): number[] => [...new Set(tasks.map(({ laneId }) => laneId))];
