/** Every state of a run. */
export const RUN_STATUSES = [
  "submitting",
  "executing",
  "paused",
  "validating",
  "completed",
  "needs_review",
  "failed",
  "cancelled",
] as const;

export type RunStatus = (typeof RUN_STATUSES)[number];

/** Where a run may go from each state; states without a way out are final. */
export const RUN_TRANSITIONS: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  submitting: ["executing", "failed", "cancelled"],
  executing: ["paused", "validating", "completed", "needs_review", "failed", "cancelled"],
  paused: ["executing", "validating", "completed", "needs_review", "failed", "cancelled"],
  validating: ["completed", "needs_review", "failed", "cancelled"],
  needs_review: ["completed", "failed", "cancelled"],
  completed: [],
  failed: [],
  cancelled: [],
};

export const canMove = (from: RunStatus, to: RunStatus): boolean => RUN_TRANSITIONS[from].includes(to);

/** True when nothing can happen to the run any more. */
export const isFinal = (status: RunStatus): boolean => RUN_TRANSITIONS[status].length === 0;

/** True while the executor works, or could go on working, on the run. */
export const isActive = (status: RunStatus): boolean =>
  status === "executing" || status === "paused" || status === "validating";

/**
 * The state that a completion message leads to. What the executor itself finds invalid needs review; everything
 * else has yet to meet its gates, or counts as completed where there are none that can be measured.
 */
export function outcomeOf(
  validationPass: boolean | null,
  hasGates: boolean,
): "validating" | "completed" | "needs_review" {
  if (validationPass === false) return "needs_review";
  return hasGates ? "validating" : "completed";
}
