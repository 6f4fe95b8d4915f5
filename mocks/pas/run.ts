import { CodedError } from "../../lib/errors.ts";
import { createExecution } from "./execution.ts";
import type { Outcome } from "./outcomes.ts";
import { createReport, type ReportOptions } from "./report.ts";
import type { Submission, Task } from "./submission.ts";

export const RUN_ACTIONS = ["pause", "resume", "cancel"] as const;
export type RunAction = (typeof RUN_ACTIONS)[number];
type RunStatus = "executing" | "paused" | "completed" | "cancelled";

/** What `GET /pas/runs/:run_id` shows. */
export interface RunView {
  run_id: string;
  project_id: string | number;
  run_kind: Submission["run_kind"];
  rehearsal_pct: number | null;
  write_sandbox: boolean;
  status: RunStatus;
  tasks_total: number;
  /** Tasks that ended, failed ones included. */
  tasks_completed: number;
  tasks_failed: number;
  spend_usd: number;
  started_at: string;
  completed_at: string | null;
}

export interface Run {
  view(): RunView;
  /** @throws CodedError CONFLICT when the run is over; the same action twice changes nothing */
  control(action: RunAction): void;
  /** Ends timers without a word to anybody. */
  stop(): void;
}

export interface RunOptions extends ReportOptions {
  outcomeOf: (task: Task) => Outcome;
  speed: number;
}

/** A run with more failures than this share does not pass validation. */
const TOLERATED_FAILURES = 0.1;

interface Progress {
  status: RunStatus;
  completed: number;
  failed: number;
  microUsd: number;
  startedAt: Date;
  completedAt: Date | null;
}

/** Does the tasks of a submission and reports each by webhook, the end of the run too. */
export function createRun(options: RunOptions): Run {
  const { runId, submission, clock } = options;
  const report = createReport(options);
  const progress: Progress = {
    status: "executing",
    completed: 0,
    failed: 0,
    microUsd: 0,
    startedAt: clock.now(),
    completedAt: null,
  };
  const end = (status: RunStatus): Date => {
    progress.status = status;
    progress.completedAt = clock.now();
    return progress.completedAt;
  };
  const execution = createExecution({
    ...options,
    tasks: submission.tasks,
    onDone: (task, outcome) => {
      add(progress, outcome);
      report.receipt(task, outcome);
    },
    onFinished: () => {
      const isValid = progress.failed <= TOLERATED_FAILURES * submission.tasks.length;
      void report.completion(isValid, end("completed"));
    },
  });
  return {
    view: () => viewOf(options, progress),
    control: (action) => {
      const { status } = progress;
      if (status === "cancelled" && action === "cancel") return;
      if (status === "completed" || status === "cancelled") {
        throw new CodedError("CONFLICT", `Run ${runId} is ${status}; it cannot ${action} any more`);
      }
      execution[action === "cancel" ? "stop" : action]();
      report.flush();
      if (action === "cancel") end("cancelled");
      else progress.status = action === "pause" ? "paused" : "executing";
    },
    stop: () => {
      execution.stop();
      report.stop();
    },
  };
}

function add(progress: Progress, outcome: Outcome): void {
  progress.completed += 1;
  if (outcome.status === "failed") progress.failed += 1;
  progress.microUsd += Math.round(outcome.costUsd * 1_000_000);
}

const viewOf = ({ runId, submission }: RunOptions, progress: Progress): RunView => ({
  run_id: runId,
  project_id: submission.project_id,
  run_kind: submission.run_kind,
  rehearsal_pct: submission.rehearsal_pct,
  write_sandbox: submission.write_sandbox,
  status: progress.status,
  tasks_total: submission.tasks.length,
  tasks_completed: progress.completed,
  tasks_failed: progress.failed,
  spend_usd: progress.microUsd / 1_000_000,
  started_at: progress.startedAt.toISOString(),
  completed_at: progress.completedAt?.toISOString() ?? null,
});
