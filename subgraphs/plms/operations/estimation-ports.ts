import type { Crossing, TokenUse } from "../domain/budget-alerts.ts";
import type { Inclusion } from "../domain/inclusion.ts";
import type { Budget } from "../domain/project.ts";
import type { Observation, Prior } from "../domain/prior.ts";
import type { PriorKey } from "../domain/prior-fallback.ts";
import type { RunStatus } from "../domain/run-state.ts";
import type { Run } from "../domain/run.ts";
import type { RunwayStatus } from "../domain/runway-status.ts";

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

export interface CalibrationSession {
  /** The run, unless it has been decided about for all of its receipts; `isAgain` when more have come since. */
  claim(runId: string): Promise<{ run: Run; isAgain: boolean } | undefined>;
  /** Takes back the decision about a run and what it taught, for another one. */
  forget(run: Run): Promise<void>;
  /** Remembers the decision about a run; returns the newest receipt that counts. */
  decide(run: Run, decision: Inclusion & { at: Date }): Promise<TaughtRun>;
  /** What the receipts of a run show, by lane and provider, by lane, and by provider. */
  observe(run: TaughtRun): Promise<RunObservation[]>;
  keepObservations(run: TaughtRun, observations: readonly RunObservation[]): Promise<void>;
  /** The newest version of a prior, and when the last run in it ended. */
  newest(tenant: string, key: PriorKey): Promise<{ prior: Prior; lastCompletedAt: Date } | undefined>;
  /** Every observation of a prior by the time its run ended. */
  history(tenant: string, key: PriorKey): Promise<Observation[]>;
  addVersion(run: Run, version: { key: PriorKey; prior: Prior; at: Date }): Promise<void>;
  /** Tells the watchers, and how many outliers were pulled in. */
  finish(run: Run, outliers: number): Promise<void>;
  /** Every run of a tenant that taught, by the time it ended. */
  taught(tenant: string): Promise<TaughtRun[]>;
  /** Runs of a tenant that ended and taught nothing, or not all that they could, newest first, at most a hundred. */
  unlearnt(tenant: string): Promise<UnlearntRun[]>;
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
  status: RunwayStatus;
  crossed: readonly Crossing[];
  at: Date;
}

export interface BudgetTerms extends TokenUse, Pick<Budget, "onExhausted"> {
  /** In money or in tokens. */
  isUsedUp: boolean;
}

/** The newest run that does a project's work. */
export interface MetricsRun {
  id: string;
  status: RunStatus;
  startedAt: Date;
}
