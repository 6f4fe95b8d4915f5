import type { Charge, Run } from "./run.ts";

/** A charge with its moment by the clock of its run, which stands still while the run is paused. */
export interface TimedCharge extends Charge {
  atMs: number;
}

/** Charges count from their own time, but clocks differ: none is before the start or in the future. */
export function timed(
  { startedAt, pausedMs }: Pick<Run, "startedAt" | "pausedMs">,
  charges: readonly Charge[],
  nowMs: number,
): TimedCharge[] {
  const startedAtMs = startedAt?.getTime() ?? nowMs;
  const latestMs = Math.max(startedAtMs, nowMs - pausedMs);
  return charges.map((charge) => ({
    ...charge,
    atMs: Math.min(latestMs, Math.max(startedAtMs, charge.occurredAt.getTime() - pausedMs)),
  }));
}
