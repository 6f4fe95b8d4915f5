import { calibrateRun, calibrateUndecided } from "../operations/calibrate-run.ts";
import { startJob, type JobOptions, type Ongoing } from "./job.ts";

const SWEEP_MS = 60_000;

/** Learns from runs as they complete, and now and then from those whose completion went another way. */
export async function learnFromRuns({ deps, ports, queue }: JobOptions): Promise<readonly Ongoing[]> {
  await queue.work("calibrate-run", ({ runId }) => calibrateRun(ports, runId));
  const round = () => calibrateUndecided(ports);
  return [startJob({ name: "calibrate-undecided", everyMs: SWEEP_MS, round }, deps)];
}
