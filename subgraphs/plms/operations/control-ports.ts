import type { NewPassport } from "../domain/passport.ts";
import type { RunAction } from "../domain/run-control.ts";
import type { ExecutorView } from "../domain/reconcile-run.ts";
import type { RunStatus } from "../domain/run-state.ts";
import type { NewRun } from "../domain/run.ts";

/** A change of a run's state. */
export interface RunMove {
  /** States that it may leave; the run is left alone in every other. */
  from: readonly RunStatus[];
  to: RunStatus;
  reason: string | null;
  at: Date;
}

/** A run with its passport, before either exists. */
export interface PlannedRun {
  run: NewRun;
  /** True when another baseline run of the project may go on beside it. */
  allowConcurrent: boolean;
  passport: NewPassport;
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
