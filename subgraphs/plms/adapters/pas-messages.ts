import { z } from "zod";
import type { ExecutorRun } from "../operations/control-ports.ts";
import type { ExecutorJob } from "../operations/ports.ts";

const runId = z.string().min(1).max(256);

const runSchema = z
  .object({
    run_id: runId,
    status: z.enum(["executing", "paused", "completed", "cancelled", "failed"]),
    completed_at: z.iso.datetime({ offset: true }).nullish(),
  })
  .transform((wire): ExecutorRun => ({
    executorRunId: wire.run_id,
    status: wire.status,
    completedAt: wire.completed_at ? new Date(wire.completed_at) : null,
  }));

const submittedSchema = z.object({ run_id: runId });
const runsSchema = z.object({ runs: z.array(runSchema) });

/** @throws Error saying what the answer is not */
export const runIdIn = (text: string): string => read(submittedSchema, text, "{run_id}").run_id;

/** @throws Error saying what the answer is not */
export const runIn = (text: string): ExecutorRun => read(runSchema, text, "{run_id, status}");

/** @throws Error saying what the answer is not */
export const runsIn = (text: string): readonly ExecutorRun[] => read(runsSchema, text, "{runs}").runs;

function read<T>(schema: z.ZodType<T>, text: string, shape: string): T {
  const answer = schema.safeParse(parseJson(text));
  if (!answer.success) throw new Error(`its answer is not ${shape}`);
  return answer.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Ids are integers there; one that a number cannot hold stays text. */
const idToWire = (id: string): number | string => (Number.isSafeInteger(Number(id)) ? Number(id) : id);

/** A job as the executor takes it: docs/executor-contract.md. */
export const jobToWire = (job: ExecutorJob) => ({
  project_id: idToWire(job.projectId),
  run_kind: job.runKind,
  provider_matrix: job.providerMatrix,
  rehearsal_pct: job.rehearsalPct,
  write_sandbox: job.writeSandbox,
  budget_caps: { tokens: job.caps.tokens, duration_minutes: job.caps.durationMinutes },
  tasks: job.tasks.map((task) => ({
    task_id: idToWire(task.id),
    lane_id: task.laneId,
    complexity: task.complexity,
    estimated_tokens: task.estimatedTokens,
    estimated_duration_ms: task.estimatedDurationMs,
    estimated_cost_usd: task.estimatedCostUsd,
  })),
});
