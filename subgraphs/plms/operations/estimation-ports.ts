import type { Alert, Crossing, TokenUse } from "../domain/budget-alerts.ts";
import type { Inclusion } from "../domain/inclusion.ts";
import type { Alarms, Budget } from "../domain/project.ts";
import type { Observation, Prior } from "../domain/prior.ts";
import type { PriorKey } from "../domain/prior-fallback.ts";
import type { Actual } from "../domain/rehearsal.ts";
import type { DriftRun } from "../domain/drift.ts";
import type { LaneOverride } from "../domain/lane-override.ts";
import type { MetricsLane } from "../domain/project-metrics.ts";
import type { LaneFacts } from "../domain/risk.ts";
import type { RunStatus } from "../domain/run-state.ts";
import type { Run } from "../domain/run.ts";
import type { RunwayStatus } from "../domain/runway-status.ts";

/** What it takes to estimate, to learn from finished runs, and to watch over budgets. */
export interface EstimationPorts {
  priors: PriorStore;
  budgets: BudgetStore;
  alerts: AlertStore;
  rehearsals: RehearsalStore;
  insights: InsightStore;
  laneOverrides: LaneOverrideStore;
  calibrations: CalibrationStore;
  /** Weight of the newest run in the priors, 0-1. */
  calibrationAlpha: number;
}

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

export interface CalibrationStore {
  /** Runs that ended before a moment and that nobody has decided about, and those that receipts came for since. */
  undecided(endedBefore: Date, limit: number): Promise<string[]>;
  /** One calibration at a time, whichever process asks; all of it happens, or none. */
  transaction<T>(work: (session: CalibrationSession) => Promise<T>): Promise<T>;
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

export interface PriorStore {
  /** The newest version of every prior of a tenant, as of a moment when one is given. */
  current(tenant: string, before?: Date): Promise<readonly PriorVersion[]>;
  /** The newest versions of each key, newest first, in the order of the keys. */
  histories(tenant: string, keys: readonly PriorKey[], last: number): Promise<PriorVersion[][]>;
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

export interface BudgetStore {
  /** Projects with a run that is executing, or that was paused for this reason. */
  watched(pausedFor: string): Promise<string[]>;
  /** How the budget is to be kept, and what counts against it besides money. */
  terms(projectId: string): Promise<BudgetTerms | undefined>;
  /** Remembers the finding, has one alert stand for each cause that is crossed, and tells the watchers. */
  note(finding: BudgetFinding): Promise<void>;
  /** Runs of the project in a state. */
  runsIn(projectId: string, status: "executing" | "paused"): Promise<Run[]>;
  /** Changes limits and thresholds; the status starts anew. Undefined leaves a limit as it is. */
  change(
    projectId: string,
    budget: { [Limit in "usdMax" | "tokensMax"]: number | null | undefined } & { alarms: Alarms },
  ): Promise<void>;
}

export interface RehearsalStore {
  /** What the tasks of a project came to in the newest rehearsal that ran them, by task id. */
  actuals(projectId: string): Promise<ReadonlyMap<string, Actual>>;
}

/** The newest run that does a project's work. */
export interface MetricsRun {
  id: string;
  status: RunStatus;
  startedAt: Date;
}

export interface InsightStore {
  metrics(projectId: string): Promise<{ run: MetricsRun | undefined; lanes: MetricsLane[] }>;
  /** Undefined when there is no such project. */
  risks(projectId: string): Promise<{ tenant: string; lanes: LaneFacts[] } | undefined>;
  /** The newest runs that taught something about a lane, or about one provider in it, oldest first. */
  laneHistory(tenant: string, of: PriorKey & { laneId: number }, last: number): Promise<DriftRun[]>;
}

export interface LaneOverrideStore {
  /** The correction, or why there is none: no such task, there already, or charged for already. */
  override(
    tenant: string,
    correction: { taskId: string; laneId: number; reason: string | null; by: string; at: Date },
  ): Promise<LaneOverride | "missing" | "same" | "begun">;
  /**
   * Takes a correction back and the task with it; or says why not: no such correction, taken back already, corrected
   * again since, or charged for already.
   */
  remove(
    tenant: string,
    removal: { overrideId: string; by: string; at: Date },
  ): Promise<LaneOverride | "missing" | "removed" | "superseded" | "begun">;
  /** Those that stand, oldest first, by project. */
  byProjects(projectIds: readonly string[]): Promise<ReadonlyMap<string, LaneOverride[]>>;
}

export interface AlertStore {
  /** Newest first, at most a hundred. */
  list(tenant: string, state: Alert["state"] | undefined): Promise<Alert[]>;
}
