import type { ExecutorRun, RunControlCall } from "./control-ports.ts";
import type { Alert, AlertKind } from "../domain/budget-alerts.ts";
import type { PlaceInOrder, ProjectSort } from "../domain/project-order.ts";
import type { Complexity, Project, ProjectStatus, Task } from "../domain/project.ts";
import type { RunwayStatus } from "../domain/runway-status.ts";
import type { Charge, ProviderMatrix, Run, RunCaps, RunKind } from "../domain/run.ts";
import type { UsageSource } from "../domain/usage-event.ts";
import type { Priced } from "../domain/price-table.ts";

/** What the use cases hold to. */
export interface Settings {
  /** How long an idempotency key is remembered after its first use. */
  idempotencyTtlMs: number;
  /** How long a caller may take to submit a run before another one takes over; more than the executor's deadline. */
  leaseMs: number;
  /** Fixed in each run when it is created. */
  providerMatrix: ProviderMatrix;
  /** How long receipts that a completion has overtaken may take before the run is learnt from. */
  calibrationGraceMs: number;
}

/** One page and one item more when there is a next page. */
export interface Page<T> {
  items: readonly T[];
  /** Over all pages. */
  totalCount: number;
}

/** Values by the id of what they belong to; absent when there are none. */
export type ById<T> = ReadonlyMap<string, T>;

/** Which of a tenant's projects are wanted, in which order, and which page of them. */
export interface ProjectListQuery {
  first: number;
  sort: ProjectSort;
  /** True for the largest first. */
  isFalling: boolean;
  /** Where the page begins, or ends when it goes backwards; undefined for the first one. */
  place: PlaceInOrder | undefined;
  isBackwards: boolean;
  status: ProjectStatus | undefined;
  search: string | undefined;
  runway: RunwayStatus | undefined;
  modelId: string | undefined;
}

/** A project with what its list is sorted by. */
export interface ListedProject {
  project: Project;
  key: string;
}

/** What a tenant's projects add up to; amounts in USD. */
export interface ProjectSummary {
  byStatus: Partial<Record<ProjectStatus, number>>;
  /** Budgets in danger, as the last look at each found it. */
  critical: number;
  warning: number;
  usdSpent: number;
  usdSpentToday: number;
  firingAlerts: number;
}

/** Which of a tenant's alerts are wanted. */
export interface AlertFilter {
  state: Alert["state"] | undefined;
  kind: AlertKind | undefined;
  projectId: string | undefined;
}

/** Alerts of one kind. */
export interface AlertGroup {
  kind: AlertKind;
  severity: Alert["severity"];
  alerts: number;
  oldestRaisedAt: Date;
}

export interface TaskFilter {
  laneId: number | undefined;
  complexity: Complexity | undefined;
  /** True for those that a run was charged for, false for the others. */
  isCharged: boolean | undefined;
}

export type Claim =
  | { kind: "reused" }
  | { kind: "in-flight" }
  /** Nothing was started and nothing remembered; `why` says why and what to do, for people. */
  | { kind: "refused"; why: string }
  /** The caller holds the lease and has to submit the run: a new one, or one that was left unfinished. */
  | { kind: "submit"; run: Run; expiresAt: Date }
  /** The run exists; this is its current state. */
  | { kind: "replayed"; run: Run; expiresAt: Date };

/** A charge with what its usage costs by the price table; without one when it tells no usage. */
export interface PricedCharge extends Charge {
  pricing?: Priced;
}

export interface PricedMessage extends ReceiptMessage {
  charges: readonly PricedCharge[];
}

/** What became of a message of receipts. */
export type ReceiptsTaken =
  /** No run has this id. */
  | { outcome: "unknown" }
  /** The first task or lane that is not the project's, by its place in the message, from 0. */
  | { outcome: "stranger"; place: number; field: "task_id" | "lane_id"; projectId: string }
  | {
      outcome: "taken";
      runId: string;
      /** Receipts that the run did not have yet. */
      recorded: number;
      /** Of the others, those that say another task, number of tokens or amount than what is kept; they are kept aside. */
      conflicting: number;
      /** True when the run is over and the priors have to learn of what came late. */
      isToBeLearnt: boolean;
    };

/** What the executor is asked to do. */
export interface ExecutorJob {
  projectId: string;
  runKind: RunKind;
  providerMatrix: ProviderMatrix;
  rehearsalPct: number | null;
  writeSandbox: boolean;
  caps: RunCaps;
  tasks: readonly Task[];
}

export interface Executor {
  /**
   * Submits a job, once per key however often it is called, and returns the executor's id of it.
   *
   * @throws CodedError EXECUTOR_UNAVAILABLE when it did not accept, or when it cannot be told
   */
  submit(job: ExecutorJob, call: { key: string; correlationId: string }): Promise<string>;
  /**
   * Pauses, resumes or cancels a run and returns it as it is then: a run that is over stays as it ended.
   * Undefined when the executor does not know it.
   *
   * @throws CodedError EXECUTOR_UNAVAILABLE
   */
  control(call: RunControlCall): Promise<ExecutorRun | undefined>;
  /**
   * The run with the executor's own id, or the one that a key submitted; undefined when there is none.
   *
   * @throws CodedError EXECUTOR_UNAVAILABLE
   */
  find(by: { executorRunId: string } | { key: string }): Promise<ExecutorRun | undefined>;
}

/** Counts what happens, for the metrics. */
export interface Meter {
  runStarted(): void;
  runReplayed(): void;
  receipts(counts: ReceiptCounts): void;
  usage(
    source: UsageSource,
    outcome: { recorded: number; duplicate: number; refused: number; others: number },
  ): void;
  runwayPushed(): void;
  /** How often an invariant was found broken; 0 when it holds. */
  invariantChecked(key: string, violations: number): void;
}

/** What became of the receipts of a message; those that conflict are duplicates as well. */
export interface ReceiptCounts {
  recorded: number;
  duplicate: number;
  conflicting: number;
}

/** Receipts as the executor tells of them. */
export interface ReceiptMessage {
  messageId: string;
  executorRunId: string;
  charges: readonly Charge[];
}

/** The end of a run as the executor tells of it. */
export interface CompletionMessage {
  messageId: string;
  projectId: string;
  executorRunId: string;
  /** Null when the run was not validated. */
  validationPass: boolean | null;
  /** By the executor's clock; null when it does not say. */
  completedAt: Date | null;
}
