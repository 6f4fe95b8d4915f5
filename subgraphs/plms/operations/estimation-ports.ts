import type { Crossing, TokenUse } from "../domain/budget-alerts.ts";
import type { Budget } from "../domain/project.ts";
import type { Observation, Prior } from "../domain/prior.ts";
import type { PriorKey } from "../domain/prior-fallback.ts";
import type { RunStatus } from "../domain/run-state.ts";
import type { RunwayStatus, Standing } from "../domain/runway-status.ts";

/** What one run showed about a lane and a provider. */
export interface RunObservation extends PriorKey {
  tasks: number;
  observation: Observation;
}

/** A run that taught, and when it ended. */
export interface TaughtRun {
  runId: string;
  tenant: string;
  completedAt: Date;
  /** Newest receipt that was looked at. */
  receiptsThrough: string;
}

/** A run that ended, and why the priors know nothing of it. */
export interface UnlearntRun {
  runId: string;
  /** For people. */
  reason: string;
}

/** A version of a prior; never changed once it was written. */
export interface PriorVersion extends PriorKey {
  id: string;
  tenant: string;
  prior: Prior;
  /** The run whose lesson made it. */
  sourceRunId: string;
  /** SHA-256 of the prior. */
  hash: string;
  createdAt: Date;
}

/** What a look at a budget found. */
export interface BudgetFinding {
  projectId: string;
  /** The limits that it was found against; null for none. */
  limits: { usdMax: number | null; tokensMax: number | null };
  status: RunwayStatus;
  /** True when the project's work has ended, so that nothing flickers any more. */
  isOver: boolean;
  crossed: readonly Crossing[];
  at: Date;
}

export interface BudgetTerms extends TokenUse, Pick<Budget, "onExhausted"> {
  usdSpent: number;
  /** In money or in tokens. */
  isUsedUp: boolean;
  /** What stands since the last look. */
  standing: Standing | null;
  /** True while an alert of the project is not resolved. */
  hasAlerts: boolean;
  hasPausedRuns: boolean;
}

/** The newest run that does a project's work. */
export interface MetricsRun {
  id: string;
  status: RunStatus;
  startedAt: Date;
}
