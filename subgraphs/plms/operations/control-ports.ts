import type { StartIntent } from "../domain/idempotency.ts";
import type { NewPassport, ReplayPassport, RunEnvironment } from "../domain/passport.ts";
import type { Lane, LaneDefinition, NewProject, Project } from "../domain/project.ts";
import type { RunAction } from "../domain/run-control.ts";
import type { ExecutorView } from "../domain/reconcile-run.ts";
import type { RunStatus } from "../domain/run-state.ts";
import type { NewRun, Run } from "../domain/run.ts";

/** What it takes to create projects, to steer runs, and to find out what became of them. */
export interface ControlPorts {
  projectCreation: ProjectCreation;
  lanes: LaneStore;
  runControl: RunControlStore;
  passports: PassportStore;
  reconciliation: Reconciliation;
  documents: Documents;
  /** Where this process runs, for passports. */
  environment: RunEnvironment;
  /** KPI validators that are configured, by name. */
  usableKpis: readonly string[];
}

export interface ProjectCreation {
  /** Stores a project with its products and tasks, all or nothing. */
  create(tenant: string, createdBy: string, project: NewProject): Promise<Project>;
}

export interface LaneStore {
  /** Stores all lanes or none; `conflict` says in words for people why none. */
  define(
    lanes: readonly LaneDefinition[],
    source: "file" | "mutation",
  ): Promise<{ lanes: Lane[]; conflict?: undefined } | { conflict: string }>;
}

/** A change of a run's state. */
export interface RunMove {
  /** States that it may leave; the run is left alone in every other. */
  from: readonly RunStatus[];
  to: RunStatus;
  reason: string | null;
  at: Date;
}

export interface RunControlStore {
  /** Moves the run and its project with it, and tells the watchers; undefined when it was in no state of `from`. */
  move(runId: string, move: RunMove): Promise<Run | undefined>;
}

export interface PassportStore {
  /** By run id. */
  byRuns(runIds: readonly string[]): Promise<ReadonlyMap<string, ReplayPassport>>;
}

/** A run with its passport, before either exists. */
export interface PlannedRun {
  run: NewRun;
  /** True when another baseline run of the project may go on beside it. */
  allowConcurrent: boolean;
  passport: NewPassport;
}

export interface Reconciliation {
  /** Runs of every tenant that the executor should be working on, least recently looked at first. */
  underWay(limit: number): Promise<Run[]>;
  /** Runs that were left submitting and whose lease has ended. */
  abandoned(now: Date, limit: number): Promise<Run[]>;
  /** Takes over the lease of an abandoned run; undefined when somebody else was faster. */
  takeOver(runId: string, times: { now: Date; lockedUntil: Date }): Promise<StartIntent | undefined>;
  /** Executing runs that are over one of their own limits and were not stopped for it before. */
  overCaps(
    now: Date,
    limit: number,
  ): Promise<{ run: Run; exceeded: string; policy: "pause" | "ask" | "kill" }[]>;
  noteCapsEnforced(runId: string, at: Date): Promise<void>;
  /** Forgets expired idempotency keys without a run under way, and messages received before `inboxBefore`. */
  purge(now: Date, inboxBefore: Date): Promise<{ keys: number; messages: number }>;
}

/** Files of projects and runs, in one folder and nowhere else. */
export interface Documents {
  /** The file's text; undefined when there is none, or when the path leads out of the folder. */
  read(path: string): Promise<string | undefined>;
}

/** A run as the executor knows it. */
export interface ExecutorRun extends ExecutorView {
  executorRunId: string;
}

export interface RunControlCall {
  executorRunId: string;
  action: RunAction;
  correlationId: string;
}
