import { badInput, notFound } from "../../../lib/errors.ts";
import { USD_MAX } from "../../../lib/usd.ts";
import { MOST_TOKENS } from "../domain/limits.ts";
import type { Project } from "../domain/project.ts";
import type { Run } from "../domain/run.ts";
import type { RunControlPorts } from "./control-run.ts";
import { checkedAlarms } from "./checked-alarms.ts";
import { findProjects } from "./find.ts";
import type { Ports } from "../ports.ts";
import type { Principal } from "./principal.ts";
import { resumeFreed, watchBudget } from "./watch-budget.ts";

export interface BudgetChange {
  projectId: string;
  /** Null takes the limit away, undefined leaves it. */
  usdMax?: number | null | undefined;
  tokensMax?: number | null | undefined;
  /** Null and undefined leave a threshold. */
  warningAt?: number | null | undefined;
  criticalAt?: number | null | undefined;
}

/**
 * Changes the limits of a project, or when it counts as in danger, and resumes the runs that the old ones had paused, unless the new ones are
 * used up as well. Repeating the call is harmless.
 *
 * @throws CodedError BAD_USER_INPUT, NOT_FOUND; EXECUTOR_UNAVAILABLE or CONFLICT when a run could not be resumed
 */
export async function updateBudget(
  ports: RunControlPorts & Pick<Ports, "projects" | "priors" | "budgets">,
  principal: Principal,
  change: BudgetChange,
): Promise<{ project: Project; resumed: Run[] }> {
  refuseOutside("usdMax", change.usdMax, USD_MAX);
  refuseOutside("tokensMax", change.tokensMax, MOST_TOKENS);
  const { usdMax, tokensMax, warningAt, criticalAt } = change;
  if (
    [usdMax, tokensMax, warningAt ?? undefined, criticalAt ?? undefined].every((value) => value === undefined)
  ) {
    throw badInput("usdMax", usdMax, "usdMax, tokensMax, warningAt or criticalAt to be given");
  }
  const [project] = await findProjects(ports, principal.tenant, [change.projectId]);
  if (!project) throw notFound("Project", change.projectId);
  const { id } = project;
  const alarms = checkedAlarms("", project.budget, change);
  await ports.budgets.change(id, { usdMax, tokensMax, alarms, at: ports.clock.now() });
  const resumed = await resumeFreed(ports, id, principal.correlationId);
  await watchBudget(ports, id);
  const [changed] = await findProjects(ports, principal.tenant, [id]);
  return { project: changed ?? project, resumed };
}

function refuseOutside(field: string, value: number | null | undefined, max: number): void {
  if (value === undefined || value === null || (value >= 0 && value <= max)) return;
  throw badInput(field, value, `a number from 0 to ${max}, or null for no limit`);
}
