import { crossings, isBreached } from "../domain/budget-alerts.ts";
import { verdictOn, type RunAction } from "../domain/run-control.ts";
import type { Run } from "../domain/run.ts";
import type { Runway } from "../domain/runway.ts";
import { steerRun, type RunControlPorts } from "./control-run.ts";
import type { Ports } from "../ports.ts";
import type { BudgetTerms } from "./estimation-ports.ts";
import { runwaysOf } from "./runways-of.ts";

type WatchPorts = RunControlPorts & Pick<Ports, "priors" | "budgets">;

/** Marks runs that were paused by a budget, which only a change of it resumes. */
const BUDGET_REASON = "The budget is used up";

const ON_BREACH: Readonly<Record<"pause" | "ask" | "kill", RunAction | undefined>> = {
  pause: "pause",
  ask: undefined,
  kill: "cancel",
};

/** How many budgets are looked at together. */
const MOST_TOGETHER = 200;

type OnFailure = (error: unknown, projectId: string) => void;

const rethrow: OnFailure = (error) => {
  throw error;
};

/**
 * Looks at the budget of a project: remembers its status, raises the alerts that are due, and has the executor
 * pause or cancel what runs when the budget is used up and its policy says so, or go on with what it had paused.
 *
 * @throws CodedError EXECUTOR_UNAVAILABLE, CONFLICT; the next look tries again
 */
export const watchBudget = (ports: WatchPorts, projectId: string): Promise<void> =>
  watchTogether(ports, [projectId], rethrow);

/** The same for several projects, which are read together; one that fails does not keep the others from it. */
export async function watchTogether(
  ports: WatchPorts,
  projectIds: readonly string[],
  onFailure: OnFailure,
): Promise<void> {
  for (let start = 0; start < projectIds.length; start += MOST_TOGETHER) {
    const ids = projectIds.slice(start, start + MOST_TOGETHER);
    const [runways, terms] = await Promise.all([runwaysOf(ports, ids), ports.budgets.terms(ids)]);
    for (const runway of runways) {
      const known = runway && terms.get(runway.projectId);
      if (!known) continue;
      await keepTo(ports, runway, known).catch((error: unknown) => onFailure(error, runway.projectId));
    }
  }
}

async function keepTo(ports: WatchPorts, runway: Runway, terms: BudgetTerms): Promise<void> {
  const { projectId } = runway;
  const crossed = crossings(runway, terms);
  if (!isAsItStood(runway, terms) || crossed.length > 0)
    await ports.budgets.note({
      projectId,
      limits: { usdMax: runway.usdMax, tokensMax: terms.tokensMax },
      status: runway.foundStatus,
      isOver: runway.reason === "finished",
      crossed,
      at: runway.asOf,
    });
  if (terms.hasPausedRuns && !terms.isUsedUp) await resumeFreed(ports, projectId, `budget-of-${projectId}`);
  const action = isBreached(crossed) ? ON_BREACH[terms.onExhausted] : undefined;
  if (!action) return;
  const runs = await ports.budgets.runsIn(projectId, "executing");
  for (const run of runs.filter(({ status }) => verdictOn(status, action) === "due")) {
    await steerRun(ports, run, { action, reason: BUDGET_REASON, correlationId: `budget-of-${projectId}` });
  }
}

/** Most looks find nothing new, and then nothing is written. */
const isAsItStood = ({ foundStatus }: Runway, { standing, hasAlerts }: BudgetTerms): boolean =>
  !hasAlerts && standing?.status === foundStatus && standing.cleanEvaluations === 0;

/** A credit, like a raised limit, lets what the budget had paused go on. */
export async function resumeFreed(
  ports: RunControlPorts & Pick<Ports, "budgets">,
  projectId: string,
  correlationId: string,
): Promise<Run[]> {
  const resumed: Run[] = [];
  for (const run of await ports.budgets.runsIn(projectId, "paused")) {
    if (run.statusReason !== BUDGET_REASON) continue;
    const terms = await ports.budgets.terms([projectId]);
    if (terms.get(projectId)?.isUsedUp !== false) break;
    resumed.push(await steerRun(ports, run, { action: "resume", reason: null, correlationId }));
  }
  return resumed;
}

/** Looks at every budget that something may be burning, or that may have been freed. */
export const watchBudgets = async (ports: WatchPorts, onFailure: OnFailure = rethrow): Promise<void> =>
  watchTogether(ports, await ports.budgets.watched(BUDGET_REASON), onFailure);
