import { CodedError, notFound } from "../../../lib/errors.ts";
import { isActive } from "../domain/run-state.ts";
import type { Run } from "../domain/run.ts";
import type { Ports } from "../ports.ts";
import { findRuns } from "./find.ts";
import type { Principal } from "./principal.ts";
import { recordCompletion } from "./record-completion.ts";

/**
 * Ends the work of a run that no executor does, as the completion of an executor ends that of its own; a run that has
 * completed stays so.
 *
 * @throws CodedError NOT_FOUND, CONFLICT when an executor does the run or when it has ended in another way
 */
export async function completeRun(
  ports: Pick<Ports, "runs" | "inbox" | "clock" | "usableKpis" | "settings">,
  { tenant }: Principal,
  { runId, validationPass }: { runId: string; validationPass: boolean },
): Promise<Run> {
  const [run] = await findRuns(ports, tenant, [runId]);
  if (!run) throw notFound("Run", runId);
  if (!run.isObserved || run.executorRunId === null)
    throw new CodedError(
      "CONFLICT",
      `Run ${runId} is done by the executor, which says itself when it is complete`,
    );
  if (isActive(run.status)) {
    const { projectId, executorRunId } = run;
    const messageId = `complete-run-${run.id}`;
    await recordCompletion(ports, { messageId, projectId, executorRunId, validationPass, completedAt: null });
  }
  const [ended] = await findRuns(ports, tenant, [runId]);
  if (!ended) throw notFound("Run", runId);
  if (ended.status === "cancelled" || ended.status === "failed")
    throw new CodedError("CONFLICT", `Run ${runId} is ${ended.status}, so it cannot be completed`);
  return ended;
}
