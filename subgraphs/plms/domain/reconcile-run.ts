import { isBeyondClocks } from "./executor-clock.ts";
import type { RunStatus } from "./run-state.ts";

/** What the executor says of a run when it is asked. */
export interface ExecutorView {
  status: "executing" | "paused" | "completed" | "cancelled" | "failed";
  completedAt: Date | null;
}

/** What has to become of a run so that it tells the truth; null when it does. */
export type Settlement = { to: RunStatus; reason: string } | null;

const SEEN = {
  executing: "The executor had resumed it",
  paused: "The executor had paused it",
  cancelled: "The executor had cancelled it",
  failed: "The executor gave it up",
} as const;

/** How long a completion message may be under way before it counts as lost. */
const COMPLETION_GRACE_MS = 10 * 60_000;

/**
 * Compares what is recorded of a run with what the executor says of it.
 *
 * @param view undefined when the executor does not know the run
 */
export function settlementOf(
  status: "executing" | "paused",
  view: ExecutorView | undefined,
  nowMs: number,
): Settlement {
  if (!view) {
    return {
      to: "needs_review",
      reason: "The executor no longer knows this run; it may have lost it in a restart",
    };
  }
  if (view.status === status) return null;
  if (view.status !== "completed") return { to: view.status, reason: SEEN[view.status] };
  const completedAt = view.completedAt ?? new Date(nowMs);
  // A time that means nothing does not tell how long ago it was.
  const isUnderWay =
    nowMs - completedAt.getTime() < COMPLETION_GRACE_MS && !isBeyondClocks(completedAt, nowMs);
  return isUnderWay
    ? null
    : { to: "needs_review", reason: "The executor finished it, but its completion message never came" };
}
