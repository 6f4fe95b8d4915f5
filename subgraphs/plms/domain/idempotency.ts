import { isActive, type RunStatus } from "./run-state.ts";

/** Who intends to start what, told apart from everybody else's keys. */
export interface StartIntent {
  tenant: string;
  principal: string;
  operation: string;
  key: string;
  /** SHA-256 of the canonical input. */
  fingerprint: string;
}

/** What an earlier call with the same key left behind. */
export interface EarlierCall {
  fingerprint: string;
  runStatus: RunStatus;
  /** Until when the earlier caller alone may submit the run. */
  lockedUntilMs: number;
  expiresAtMs: number;
}

/**
 * - `forgotten`: the key is free again, as if it had never been used
 * - `reused`: the key belongs to another input
 * - `in-flight`: an earlier caller is submitting the run right now
 * - `unfinished`: it is not known yet whether the executor has the run, and this caller may find out
 * - `done`: the run exists, whatever has become of it since
 */
export type Repetition = "forgotten" | "reused" | "in-flight" | "unfinished" | "done";

/** What a call with a known key amounts to. A key outlives its time while its run is still going. */
export function repetitionOf(earlier: EarlierCall, call: { fingerprint: string; nowMs: number }): Repetition {
  const isGoing = earlier.runStatus === "submitting" || isActive(earlier.runStatus);
  if (earlier.expiresAtMs <= call.nowMs && !isGoing) return "forgotten";
  if (earlier.fingerprint !== call.fingerprint) return "reused";
  if (earlier.runStatus !== "submitting") return "done";
  return earlier.lockedUntilMs > call.nowMs ? "in-flight" : "unfinished";
}
