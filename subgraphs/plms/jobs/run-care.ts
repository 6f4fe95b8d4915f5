import { EVENTS_CHANNEL } from "../adapters/events.ts";
import { watchInvariants } from "../operations/check-invariants.ts";
import { purge } from "../operations/purge.ts";
import { reconcileRuns } from "../operations/reconcile-runs.ts";
import { validateWaiting } from "../operations/run-kpi-validators.ts";
import { startJob, type Job, type JobOptions, type Ongoing } from "./job.ts";

const VALIDATE_MS = 15_000;
/** A run that changed may wait to be validated: looked for at once, and once a second at most. */
const VALIDATE_SPACING_MS = 1_000;
const INVARIANTS_MS = 60 * 60_000;
const PURGE_MS = 15 * 60_000;

/** What keeps runs truthful and tables small. */
export async function careForRuns({ config, deps, ports }: JobOptions): Promise<readonly Ongoing[]> {
  const jobs: readonly Job[] = [
    { name: "reconcile-runs", everyMs: config.reconcileMs, round: () => reconcileRuns(ports, deps.log) },
    { name: "invariants", everyMs: INVARIANTS_MS, round: () => watchInvariants(ports, deps.log) },
    { name: "purge", everyMs: PURGE_MS, round: () => purge(ports, config.inboxRetentionMs) },
  ];
  const validation = startJob(
    {
      name: "validate-runs",
      everyMs: VALIDATE_MS,
      spacingMs: VALIDATE_SPACING_MS,
      round: () => validateWaiting(ports, deps.log),
    },
    deps,
  );
  // Whoever changes a run looks; what the others have left undone is found in rounds.
  const endListening = deps.notifications.listenToOwn(EVENTS_CHANNEL, (payload) => {
    if (payload.startsWith("run:")) validation.soon();
  });
  return [...jobs.map((job) => startJob(job, deps)), validation, { close: async () => endListening() }];
}
