import { createHash } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import { CodedError, notFound } from "../../lib/errors.ts";
import type { Courier } from "./courier.ts";
import { outcomeOf } from "./outcomes.ts";
import { createRun, type Run, type RunAction, type RunView } from "./run.ts";
import type { Submission } from "./submission.ts";

export interface Runs {
  /**
   * Starts a run, or names the one that the key started before.
   *
   * @throws CodedError IDEMPOTENCY_KEY_REUSED when the key came with another submission
   */
  submit(submission: Submission, idempotencyKey: string | undefined): { runId: string; isReplay: boolean };
  /** @throws CodedError NOT_FOUND */
  view(runId: string): RunView;
  /** The run that a key started, or the newest hundred without a key. */
  list(idempotencyKey: string | undefined): RunView[];
  /** @throws CodedError NOT_FOUND, or CONFLICT when the run is over */
  control(runId: string, action: RunAction): RunView;
  close(): void;
}

export interface RunsOptions {
  seed: number;
  speed: number;
  failureRate: number;
  batchMs: number;
  courier: Courier;
  clock: Clock;
  newId: () => string;
}

const LONGEST_LIST = 100;

export function createRuns(options: RunsOptions): Runs {
  const { seed, failureRate, newId } = options;
  const runs = new Map<string, Run>();
  const keys = new Map<string, { fingerprint: string; runId: string }>();
  const ordinals = new Map<string, number>();

  const start = (submission: Submission): string => {
    const runId = `run-${newId()}`;
    const project = String(submission.project_id);
    const runOrdinal = (ordinals.get(project) ?? 0) + 1;
    ordinals.set(project, runOrdinal);
    const providers = Object.keys(submission.provider_matrix).sort();
    const circumstances = { seed, projectId: project, runOrdinal, providers, failureRate };
    runs.set(
      runId,
      createRun({ ...options, runId, submission, outcomeOf: (task) => outcomeOf(task, circumstances) }),
    );
    return runId;
  };
  const find = (runId: string): Run => {
    const run = runs.get(runId);
    if (!run) throw notFound("Run", runId);
    return run;
  };
  return {
    submit: (submission, idempotencyKey) => {
      if (idempotencyKey === undefined) return { runId: start(submission), isReplay: false };
      const fingerprint = createHash("sha256").update(JSON.stringify(submission)).digest("base64");
      const known = keys.get(idempotencyKey);
      if (known && known.fingerprint !== fingerprint) {
        throw new CodedError(
          "IDEMPOTENCY_KEY_REUSED",
          "This Idempotency-Key came with another submission before",
        );
      }
      if (known) return { runId: known.runId, isReplay: true };
      const runId = start(submission);
      keys.set(idempotencyKey, { fingerprint, runId });
      return { runId, isReplay: false };
    },
    view: (runId) => find(runId).view(),
    list: (idempotencyKey) => {
      const known = idempotencyKey === undefined ? undefined : keys.get(idempotencyKey);
      if (idempotencyKey !== undefined) return known ? [find(known.runId).view()] : [];
      return [...runs.values()].slice(-LONGEST_LIST).map((run) => run.view());
    },
    control: (runId, action) => {
      const run = find(runId);
      run.control(action);
      return run.view();
    },
    close: () => {
      for (const run of runs.values()) run.stop();
    },
  };
}
