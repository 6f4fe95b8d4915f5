import { canMove, type RunStatus } from "./run-state.ts";

export type RunAction = "pause" | "resume" | "cancel";

/** Which states each action leaves, and where it leads. */
const RUN_ACTIONS: Readonly<Record<RunAction, { from: readonly RunStatus[]; to: RunStatus }>> = {
  pause: { from: ["executing"], to: "paused" },
  resume: { from: ["paused"], to: "executing" },
  cancel: { from: ["submitting", "executing", "paused", "validating", "needs_review"], to: "cancelled" },
};

/** Where an action leads. */
export const goalOf = (action: RunAction): RunStatus => RUN_ACTIONS[action].to;

/**
 * - `due`: the action changes the run
 * - `done`: the run is there already, so repeating the call is harmless
 * - `impossible`: the run is in a state that the action does not leave
 */
export function verdictOn(status: RunStatus, action: RunAction): "due" | "done" | "impossible" {
  const { from, to } = RUN_ACTIONS[action];
  if (status === to) return "done";
  return from.includes(status) && canMove(status, to) ? "due" : "impossible";
}

/** True while the executor may be working on the run, so that it has to hear of the action, too. */
export const concernsExecutor = (status: RunStatus): boolean =>
  status === "submitting" || status === "executing" || status === "paused";
