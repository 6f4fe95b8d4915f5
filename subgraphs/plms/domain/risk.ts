import { predictiveInterval } from "./calibration.ts";
import { ratioSpread, type MetricPrior } from "./prior.ts";
import type { SourcedPrior } from "./prior-fallback.ts";
import { studentTCdf } from "./statistics/quantiles.ts";

/** `none` where nothing is left to go wrong or nothing is known. */
export type RiskLevel = "none" | "low" | "medium" | "high";

/** What a lane of a project shows; shares are 0-1. */
export interface LaneFacts {
  laneId: number;
  /** Open tasks. */
  openTasks: number;
  /** Share of the open work's estimated cost. */
  weight: number;
  tasksDone: number;
  /** Of those, how many cost more than 1.2 times their estimate. */
  tasksOverrun: number;
  kpisMeasured: number;
  kpisFailed: number;
}

export interface LaneRisk extends LaneFacts {
  estimationRisk: RiskLevel;
  executionRisk: RiskLevel;
  validationRisk: RiskLevel;
  maePct: number | null;
  ciWidthPct: number;
  overrunShare: number;
  kpiFailureRate: number | null;
  observations: number;
  isLowConfidence: boolean;
  source: SourcedPrior["source"];
}

/** The highest value of each level; what is above the second is high. */
export const RISK_THRESHOLDS = { mae: [0.15, 0.3], ciWidth: [0.3, 0.5], share: [0.15, 0.3] } as const;

const RELIABLE = 3;
/** An overrun task costs more than this many times its estimate. */
export const OVERRUN = 1.2;

/** Three risks of a lane, each against the same two thresholds. */
export function laneRisk(facts: LaneFacts, { prior, source }: SourcedPrior): LaneRisk {
  const { tokens } = prior;
  const maePct = tokens.errors.length === 0 ? null : tokens.mae / tokens.perTask.mu;
  const { high } = predictiveInterval(tokens.perTask);
  const ciWidthPct = (high - tokens.perTask.mu) / tokens.perTask.mu;
  const overrunShare =
    facts.tasksDone >= RELIABLE ? facts.tasksOverrun / facts.tasksDone : overrunProbability(prior.costUsd);
  const kpiFailureRate = facts.kpisMeasured === 0 ? null : facts.kpisFailed / facts.kpisMeasured;
  return {
    ...facts,
    estimationRisk: estimationRisk(maePct ?? 0, ciWidthPct),
    executionRisk: facts.openTasks + facts.tasksDone === 0 ? "none" : shareRisk(overrunShare),
    validationRisk: kpiFailureRate === null ? "none" : shareRisk(kpiFailureRate),
    maePct,
    ciWidthPct,
    overrunShare,
    kpiFailureRate,
    observations: prior.observations,
    isLowConfidence: prior.observations < RELIABLE,
    source,
  };
}

/** Low only when both are low, high when either is. */
export function estimationRisk(mae: number, ciWidth: number): RiskLevel {
  const [lowMae, mediumMae] = RISK_THRESHOLDS.mae;
  const [lowWidth, mediumWidth] = RISK_THRESHOLDS.ciWidth;
  if (mae < lowMae && ciWidth < lowWidth) return "low";
  return mae <= mediumMae && ciWidth <= mediumWidth ? "medium" : "high";
}

function shareRisk(share: number): RiskLevel {
  const [low, medium] = RISK_THRESHOLDS.share;
  if (share < low) return "low";
  return share <= medium ? "medium" : "high";
}

/** P(actual > 1.2 x estimate) of the next run. */
function overrunProbability(prior: MetricPrior): number {
  const { scale, df } = ratioSpread(prior);
  return 1 - studentTCdf((Math.log(OVERRUN) - prior.ratio.mu) / scale, df);
}
