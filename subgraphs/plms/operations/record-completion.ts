import { badInput } from "../../../lib/errors.ts";
import { canMove, outcomeOf } from "../domain/run-state.ts";
import type { CompletionMessage, Ports } from "./ports.ts";
import { requireRun } from "./record-receipts.ts";

/**
 * Ends a run as the executor says; a run that has ended stays as it ended.
 *
 * @throws CodedError CONFLICT (send again later) when the run is not known, BAD_USER_INPUT when it belongs to
 * another project
 */
export async function recordCompletion(
  { inbox, clock }: Pick<Ports, "inbox" | "clock">,
  message: CompletionMessage,
): Promise<void> {
  await inbox.transaction(async (delivery) => {
    if (!(await delivery.isNew(message.messageId, "completion"))) return;
    const run = await requireRun(delivery, message.executorRunId);
    if (run.projectId !== message.projectId) {
      throw badInput("project_id", message.projectId, `the project of run ${message.executorRunId}`);
    }
    const status = outcomeOf(message.validationPass);
    if (!canMove(run.status, status)) return;
    await delivery.finishRun(run, {
      status,
      validationPass: message.validationPass,
      at: message.completedAt ?? clock.now(),
    });
  });
}
