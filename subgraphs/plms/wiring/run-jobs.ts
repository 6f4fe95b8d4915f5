import { watchInvariants } from "../operations/check-invariants.ts";
import { purge } from "../operations/purge.ts";
import { reconcileRuns } from "../operations/reconcile-runs.ts";
import { validateWaiting } from "../operations/run-kpi-validators.ts";
import type { BackgroundOptions, Part } from "./deps.ts";
import { startJob, type Job } from "./jobs.ts";

const VALIDATE_MS = 1_000;
const INVARIANTS_MS = 60 * 60_000;
const PURGE_MS = 15 * 60_000;

/** What keeps runs truthful and tables small. */
export function startRunJobs({ config, deps, ports }: BackgroundOptions): readonly Part[] {
  const jobs: readonly Job[] = [
    { name: "reconcile-runs", everyMs: config.reconcileMs, round: () => reconcileRuns(ports, deps.log) },
    { name: "validate-runs", everyMs: VALIDATE_MS, round: () => validateWaiting(ports, deps.log) },
    { name: "invariants", everyMs: INVARIANTS_MS, round: () => watchInvariants(ports, deps.log) },
    { name: "purge", everyMs: PURGE_MS, round: () => purge(ports, config.inboxRetentionMs) },
  ];
  return jobs.map((job) => startJob(job, deps));
}
