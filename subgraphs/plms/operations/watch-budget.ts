import { crossings, isBreached } from "../domain/budget-alerts.ts";
import { verdictOn, type RunAction } from "../domain/run-control.ts";
import type { Run } from "../domain/run.ts";
import { steerRun, type RunControlPorts } from "./control-run.ts";
import type { Ports } from "../ports.ts";
import { runwaysOf } from "./runways-of.ts";

type WatchPorts = RunControlPorts & Pick<Ports, "priors" | "budgets">;

/** Marks runs that were paused by a budget, which only a change of it resumes. */
const BUDGET_REASON = "The budget is used up";

const ON_BREACH: Readonly<Record<"pause" | "ask" | "kill", RunAction | undefined>> = {
  pause: "pause",
  ask: undefined,
  kill: "cancel",
};

/**
 * Looks at the budget of a project: remembers its status, raises the alerts that are due, and has the executor
 * pause or cancel what runs when the budget is used up and its policy says so, or go on with what it had paused.
 *
 * @throws CodedError EXECUTOR_UNAVAILABLE, CONFLICT; the next look tries again
 */
export async function watchBudget(ports: WatchPorts, projectId: string): Promise<void> {
  const [runway] = await runwaysOf(ports, [projectId]);
  const terms = await ports.budgets.terms(projectId);
  if (!runway || !terms) return;
  const crossed = crossings(runway, terms);
  await ports.budgets.note({
    projectId,
    status: runway.foundStatus,
    crossed,
    at: runway.asOf,
  });
  if (!terms.isUsedUp) await resumeFreed(ports, projectId, `budget-of-${projectId}`);
  const action = isBreached(crossed) ? ON_BREACH[terms.onExhausted] : undefined;
  if (!action) return;
  const runs = await ports.budgets.runsIn(projectId, "executing");
  for (const run of runs.filter(({ status }) => verdictOn(status, action) === "due")) {
    await steerRun(ports, run, { action, reason: BUDGET_REASON, correlationId: `budget-of-${projectId}` });
  }
}

/** A credit, like a raised limit, lets what the budget had paused go on. */
export async function resumeFreed(
  ports: RunControlPorts & Pick<Ports, "budgets">,
  projectId: string,
  correlationId: string,
): Promise<Run[]> {
  const resumed: Run[] = [];
  for (const run of await ports.budgets.runsIn(projectId, "paused")) {
    if (run.statusReason !== BUDGET_REASON) continue;
    const terms = await ports.budgets.terms(projectId);
    if (terms?.isUsedUp !== false) break;
    resumed.push(await steerRun(ports, run, { action: "resume", reason: null, correlationId }));
  }
  return resumed;
}

/** Looks at every budget that something may be burning, or that may have been freed. */
export async function watchBudgets(ports: WatchPorts): Promise<void> {
  for (const projectId of await ports.budgets.watched(BUDGET_REASON)) await watchBudget(ports, projectId);
}
