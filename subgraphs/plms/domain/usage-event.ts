import type { Usage } from "./usage.ts";

export type UsageSource = "otlp" | "litellm";

/** A model call as telemetry of other programs tells of it. */
export interface UsageEvent {
  /** Unique within its source. */
  id: string;
  projectId: string | null;
  /** As `executorRunId` shows it. */
  runId: string | null;
  taskId: string | null;
  taskName: string | null;
  laneId: number | null;
  provider: string;
  usage: Usage;
  /** Null where only the price table can say. */
  costUsd: number | null;
  durationMs: number;
  hasFailed: boolean;
  occurredAt: Date;
}

/** A task that usage may be charged to. */
export interface ChargedTask {
  id: string;
  name: string;
  laneId: number;
}

export type RefusalReason =
  | "no_project"
  | "unknown_run"
  | "not_observed"
  | "no_task"
  | "unknown_task"
  | "no_cost"
  | "invalid";

/** Usage that becomes no receipt. */
export interface UsageRefusal {
  eventId: string;
  reason: RefusalReason;
  /** For people. */
  detail: string;
}

/** The task that an event names by id, by name, or by being the only one in its lane or project; or why there is none. */
export function taskOf(
  event: Pick<UsageEvent, "taskId" | "taskName" | "laneId">,
  tasks: readonly ChargedTask[],
): ChargedTask | { reason: RefusalReason; detail: string } {
  const isNamed = event.taskId !== null || event.taskName !== null;
  const fitting = tasks.filter(
    ({ id, name, laneId }) =>
      (event.taskId === null || id === event.taskId) &&
      (event.taskName === null || name === event.taskName) &&
      (event.laneId === null || laneId === event.laneId),
  );
  const [task] = fitting;
  if (task && fitting.length === 1) return task;
  if (fitting.length === 0 && (isNamed || event.laneId !== null)) {
    const named = event.taskId ?? event.taskName ?? `in lane ${event.laneId}`;
    return { reason: "unknown_task", detail: `The project has no task ${named}` };
  }
  return {
    reason: "no_task",
    detail: `${fitting.length} tasks fit: name one with plms.task.id or plms.task.name`,
  };
}
