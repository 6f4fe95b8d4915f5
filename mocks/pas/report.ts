import type { Clock } from "../../lib/clock.ts";
import type { Courier } from "./courier.ts";
import type { Outcome } from "./outcomes.ts";
import type { Submission, Task } from "./submission.ts";

export interface ReportOptions {
  runId: string;
  submission: Submission;
  /** How long receipts are gathered before they go out together, in milliseconds. */
  batchMs: number;
  courier: Courier;
  clock: Clock;
  newId: () => string;
}

/** What a run tells by webhook. */
export interface Report {
  receipt(task: Task, outcome: Outcome): void;
  /** Sends what is gathered now. */
  flush(): void;
  completion(isValid: boolean, completedAt: Date): Promise<void>;
  /** Drops what is gathered. */
  stop(): void;
}

const LARGEST_BATCH = 20;

/** Gathers receipts for a moment and posts them together; the completion only after all of them have arrived. */
export function createReport(options: ReportOptions): Report {
  const { runId, submission, batchMs, courier, clock, newId } = options;
  const gathered: object[] = [];
  const deliveries: Promise<void>[] = [];
  let timer: NodeJS.Timeout | undefined;

  const post = (path: string, body: object) =>
    courier.send({ id: `msg-${newId()}`, path, body: JSON.stringify(body) });
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    while (gathered.length > 0) {
      const receipts = gathered.splice(0, LARGEST_BATCH);
      deliveries.push(post("/webhooks/pas/receipts", { run_id: runId, receipts }));
    }
  };
  return {
    receipt: (task: Task, outcome: Outcome) => {
      gathered.push({
        receipt_id: `${runId}-${task.task_id}`,
        task_id: task.task_id,
        lane_id: task.lane_id,
        provider: outcome.provider,
        tokens: outcome.tokens,
        duration_ms: outcome.durationMs,
        cost_usd: outcome.costUsd,
        echo_cos: outcome.echoCos,
        status: outcome.status,
        occurred_at: clock.now().toISOString(),
      });
      timer ??= setTimeout(flush, batchMs);
    },
    flush,
    completion: async (isValid: boolean, completedAt: Date) => {
      flush();
      await Promise.all(deliveries);
      await post("/webhooks/pas/completion", {
        project_id: submission.project_id,
        run_id: runId,
        validation_pass: isValid,
        completed_at: completedAt.toISOString(),
      });
    },
    stop: () => clearTimeout(timer),
  };
}
