import { checkedText } from "../../kit/checked-input.ts";
import { CodedError, notFound } from "../../../lib/errors.ts";
import { isRowId } from "../../kit/row-id.ts";
import { concernsExecutor, goalOf, verdictOn, type RunAction } from "../domain/run-control.ts";
import type { Run } from "../domain/run.ts";
import { findRuns } from "./find.ts";
import type { Ports } from "../ports.ts";
import type { Principal } from "./principal.ts";

export type RunControlPorts = Pick<Ports, "runs" | "runControl" | "executor" | "clock">;

const LONGEST_REASON = 500;

/**
 * Pauses, resumes or cancels a run of the tenant, at the executor first. A run that is there already is returned
 * as it is.
 *
 * @throws CodedError NOT_FOUND, BAD_USER_INPUT for the reason, CONFLICT when the run's state does not allow it or its
 * budget is used up, EXECUTOR_UNAVAILABLE with nothing changed
 */
export async function controlRun(
  ports: RunControlPorts & Pick<Ports, "budgets">,
  principal: Principal,
  call: { runId: string; action: RunAction; reason?: string },
): Promise<Run> {
  const reason = call.reason === undefined ? null : reasonIn(call.reason);
  const [run] = isRowId(call.runId) ? await findRuns(ports, principal.tenant, [call.runId]) : [];
  if (!run) throw notFound("Run", call.runId);
  if (call.action === "resume") await refuseUsedUp(ports, run);
  return steerRun(ports, run, { action: call.action, reason, correlationId: principal.correlationId });
}

/** The budget would only pause it again. */
async function refuseUsedUp({ budgets }: Pick<Ports, "budgets">, run: Run): Promise<void> {
  if (verdictOn(run.status, "resume") !== "due") return;
  const terms = await budgets.terms([run.projectId]);
  if (terms.get(run.projectId)?.isUsedUp !== true) return;
  throw new CodedError(
    "CONFLICT",
    `The budget of project ${run.projectId} is used up, so run ${run.id} stays paused: raise it with updateProjectBudget, which resumes what the budget had paused`,
  );
}

/**
 * The same for callers that hold the run already, whoever's it is: breached budgets, reconciliation.
 *
 * @throws CodedError CONFLICT, EXECUTOR_UNAVAILABLE
 */
export async function steerRun(
  ports: RunControlPorts,
  run: Run,
  { action, reason, correlationId }: { action: RunAction; reason: string | null; correlationId: string },
): Promise<Run> {
  const verdict = verdictOn(run.status, action);
  if (verdict === "done") return run;
  if (verdict === "impossible") throw impossible(run, action);
  if (concernsExecutor(run.status) && !run.isObserved)
    await tellExecutor(ports, run, { action, correlationId });
  const moved = await ports.runControl.move(run.id, {
    from: [run.status],
    to: goalOf(action),
    reason,
    at: ports.clock.now(),
  });
  if (moved) return moved;
  // Another call moved it in the meantime, perhaps to the same place.
  const [now] = await ports.runs.byIds([run.id]);
  if (now?.status === goalOf(action)) return now;
  throw impossible(now ?? run, action);
}

async function tellExecutor(
  { executor }: RunControlPorts,
  run: Run,
  { action, correlationId }: { action: RunAction; correlationId: string },
): Promise<void> {
  if (run.executorRunId === null) {
    throw new CodedError(
      "CONFLICT",
      `Run ${run.id} is being submitted; whether the executor has it will be known in a moment`,
      { retryable: true, retryAfterMs: 5000 },
    );
  }
  const view = await executor.control({ executorRunId: run.executorRunId, action, correlationId });
  const isGone = view === undefined && action === "cancel";
  if (isGone || view?.status === goalOf(action)) return;
  throw new CodedError(
    "CONFLICT",
    view
      ? `The executor says that run ${run.id} is ${view.status}; it cannot ${action} any more`
      : `The executor does not know run ${run.id} any more`,
  );
}

/**
 * Why a person does something, without the blanks around it.
 *
 * @throws CodedError BAD_USER_INPUT
 */
export function reasonIn(reason: string): string {
  return checkedText("reason", reason, { max: LONGEST_REASON }).trim();
}

const impossible = (run: Run, action: RunAction) =>
  new CodedError("CONFLICT", `Run ${run.id} is ${run.status.replace("_", " ")}; it cannot ${action}`);
