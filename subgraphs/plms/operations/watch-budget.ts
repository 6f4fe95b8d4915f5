import { crossings, isBreached } from "../domain/budget-alerts.ts";
import { verdictOn, type RunAction } from "../domain/run-control.ts";
import { steerRun, type RunControlPorts } from "./control-run.ts";
import type { Ports } from "./ports.ts";
import { runwaysOf } from "./runways-of.ts";

type WatchPorts = RunControlPorts & Pick<Ports, "priors" | "budgets">;

/** Marks runs that were paused by a budget, which only a change of it resumes. */
export const BUDGET_REASON = "The budget is used up";

const ON_BREACH: Readonly<Record<"pause" | "ask" | "kill", RunAction | undefined>> = {
  pause: "pause",
  ask: undefined,
  kill: "cancel",
};

/**
 * Looks at the budget of a project: remembers its status, raises the alerts that are due, and has the executor
 * pause or cancel what runs when the budget is used up and its policy says so.
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
    isClear: runway.foundStatus === "ok" || runway.reason === "finished",
    at: runway.asOf,
  });
  const action = isBreached(crossed) ? ON_BREACH[terms.onExhausted] : undefined;
  if (!action) return;
  const runs = await ports.budgets.runsIn(projectId, "executing");
  for (const run of runs.filter(({ status }) => verdictOn(status, action) === "due")) {
    await steerRun(ports, run, { action, reason: BUDGET_REASON, correlationId: `budget-of-${projectId}` });
  }
}

/** Looks at every budget that something may be burning. */
export async function watchBudgets(ports: WatchPorts): Promise<void> {
  for (const projectId of await ports.budgets.executing()) await watchBudget(ports, projectId);
}
