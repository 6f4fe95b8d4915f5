import { badInput } from "../../../lib/errors.ts";
import { notLaterThan } from "../domain/executor-clock.ts";
import { canMove, outcomeOf } from "../domain/run-state.ts";
import type { Ports } from "../ports.ts";
import type { CompletionMessage } from "./ports.ts";
import { unknownRun } from "./record-receipts.ts";

/**
 * Ends the executor's part of a run; a run that has ended stays as it ended. Messages come in any order, so a run whose
 * receipts are not all there is learnt from a little later. Where KPIs can be measured, their
 * validation follows.
 *
 * @throws CodedError CONFLICT (send again later) when the run is not known, BAD_USER_INPUT when it belongs to
 * another project
 */
export async function recordCompletion(
  { inbox, clock, usableKpis, settings }: Pick<Ports, "inbox" | "clock" | "usableKpis" | "settings">,
  message: CompletionMessage,
): Promise<void> {
  await inbox.transaction(async (delivery) => {
    if (!(await delivery.isNew(message.messageId, "completion"))) return;
    const run = await delivery.lockRun(message.executorRunId);
    if (!run) throw unknownRun(message.executorRunId);
    if (run.projectId !== message.projectId) {
      throw badInput("project_id", message.projectId, `the project of run ${message.executorRunId}`);
    }
    const status = outcomeOf(
      message.validationPass,
      usableKpis.length > 0 || (await delivery.isEchoRequired(run)),
    );
    if (!canMove(run.status, status)) return;
    const now = clock.now();
    await delivery.finishRun(run, {
      status,
      // What the KPIs say is what counts, once they have been measured.
      validationPass: status === "validating" ? null : message.validationPass,
      // The order of completions is the order in which priors learn: one in the future would come after all others.
      at: notLaterThan(now, message.completedAt ?? now),
    });
    const isComplete = run.tasksCompleted + run.tasksFailed >= run.tasksTotal;
    await delivery.calibrateLater(run.id, isComplete ? 0 : settings.calibrationGraceMs);
  });
}
