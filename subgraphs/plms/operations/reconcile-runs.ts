import type { Log } from "../../../lib/log.ts";
import { settlementOf } from "../domain/reconcile-run.ts";
import type { Run } from "../domain/run.ts";
import { steerRun } from "./control-run.ts";
import type { Ports } from "../ports.ts";
import { executorKeyOf, submitRun } from "./submit-run.ts";

type ReconcilePorts = Pick<
  Ports,
  | "reconciliation"
  | "runControl"
  | "projects"
  | "executor"
  | "runs"
  | "starts"
  | "clock"
  | "settings"
  | "digest"
>;

/** How often each thing was done. */
export interface Reconciled {
  /** Runs that the executor turned out to have. */
  found: number;
  /** Runs that were submitted again. */
  submitted: number;
  /** Runs whose state was not what the executor says. */
  settled: number;
  /** Runs that were over their own limits. */
  overCaps: number;
  /** Runs that nothing could be found out about. */
  unknown: number;
}

/** Runs of each sort that one round looks at. */
const MOST_AT_ONCE = 200;

/**
 * Finds out what became of runs whose fate is not known: those left submitting by a caller that vanished, and
 * those that the executor may have forgotten, ended or paused. What it cannot find out it leaves for the next
 * round.
 */
export async function reconcileRuns(ports: ReconcilePorts, log: Log): Promise<Reconciled> {
  const counts: Reconciled = { found: 0, submitted: 0, settled: 0, overCaps: 0, unknown: 0 };
  const attempt = async (run: Run, work: () => Promise<keyof Reconciled | null>) => {
    try {
      const done = await work();
      if (done) counts[done] += 1;
    } catch (err) {
      counts.unknown += 1;
      log.warn({ err, runId: run.id }, "could not settle a run");
    }
  };
  for (const run of await ports.reconciliation.abandoned(ports.clock.now(), MOST_AT_ONCE)) {
    await attempt(run, () => finishSubmission(ports, run));
  }
  for (const run of await ports.reconciliation.underWay(MOST_AT_ONCE)) {
    await attempt(run, () => compare(ports, run));
  }
  for (const { run, exceeded, policy } of await ports.reconciliation.overCaps(
    ports.clock.now(),
    MOST_AT_ONCE,
  )) {
    await attempt(run, () => enforce(ports, run, { exceeded, policy }));
  }
  return counts;
}

/** Asks before it submits: the tasks may have changed since, and the executor refuses a key with another body. */
async function finishSubmission(ports: ReconcilePorts, run: Run): Promise<"found" | "submitted" | null> {
  const now = ports.clock.now();
  const intent = await ports.reconciliation.takeOver(run.id, {
    now,
    lockedUntil: new Date(now.getTime() + ports.settings.leaseMs),
  });
  if (!intent) return null;
  const known = run.isObserved
    ? undefined
    : await ports.executor.find({ key: executorKeyOf(ports, intent, run) });
  if (known) {
    await ports.runs.markExecuting(run.id, { executorRunId: known.executorRunId, startedAt: now });
    return "found";
  }
  const tasks = await ports.projects.allTasks(run.projectId);
  await submitRun(ports, intent, { run, tasks, correlationId: `reconcile-${run.id}` });
  return "submitted";
}

async function compare(ports: ReconcilePorts, run: Run): Promise<"settled" | null> {
  const { executorRunId, status } = run;
  if (executorRunId === null || (status !== "executing" && status !== "paused")) return null;
  const view = await ports.executor.find({ executorRunId });
  const at = ports.clock.now();
  const settlement = settlementOf(status, view, at.getTime());
  if (!settlement) return null;
  const moved = await ports.runControl.move(run.id, { from: [status], ...settlement, at });
  return moved ? "settled" : null;
}

/** Once per run: whoever resumes it afterwards means it. */
async function enforce(
  ports: ReconcilePorts,
  run: Run,
  { exceeded, policy }: { exceeded: string; policy: "pause" | "ask" | "kill" },
): Promise<"overCaps" | null> {
  const reason = `Over its own limit: ${exceeded}`;
  if (policy !== "ask") {
    const action = policy === "kill" ? "cancel" : "pause";
    await steerRun(ports, run, { action, reason, correlationId: `caps-${run.id}` });
  }
  await ports.reconciliation.noteCapsEnforced(run.id, ports.clock.now());
  return "overCaps";
}
