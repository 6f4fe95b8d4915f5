import { badInput, CodedError } from "../../../lib/errors.ts";
import { addCharge, type Burn } from "../domain/burn.ts";
import { timed, type TimedCharge } from "../domain/run-clock.ts";
import { isFinal } from "../domain/run-state.ts";
import type { Charge, Run } from "../domain/run.ts";
import type { Delivery, Ports, ReceiptCounts, ReceiptMessage } from "./ports.ts";

/**
 * Records what the executor charged, once per receipt id, however often and in whatever order it is told.
 * Late receipts of finished runs count as well: the money is spent.
 *
 * @throws CodedError CONFLICT (send again later) when the run is not known, BAD_USER_INPUT for a task or lane
 * that the project does not have; nothing of the message is recorded then
 */
export async function recordReceipts(
  { inbox, clock, meter, settings }: Pick<Ports, "inbox" | "clock" | "meter" | "settings">,
  message: ReceiptMessage,
): Promise<ReceiptCounts> {
  const counts = await inbox.transaction((delivery) =>
    record(delivery, message, { nowMs: clock.now().getTime(), graceMs: settings.calibrationGraceMs }),
  );
  meter.receipts(counts);
  return counts;
}

async function record(
  delivery: Delivery,
  message: ReceiptMessage,
  { nowMs, graceMs }: { nowMs: number; graceMs: number },
): Promise<ReceiptCounts> {
  const told = message.charges.length;
  if (!(await delivery.isNew(message.messageId, "receipts")))
    return { recorded: 0, duplicate: told, conflicting: 0 };
  const run = await requireRun(delivery, message.executorRunId);
  await refuseStrangers(delivery, run, message.charges);
  const { added, conflicting } = await delivery.addCharges(run, message.charges);
  const charges = timed(run, added, nowMs);
  if (charges.length > 0) {
    await delivery.addToTotals(run, { charges, burn: burnAfter(run, charges) });
    if (isFinal(run.status)) await delivery.calibrateLater(run, graceMs);
  }
  return { recorded: charges.length, duplicate: told - charges.length, conflicting };
}

/**
 * The run that the executor speaks of. A message may overtake the answer that tells us its id, so an unknown
 * one is not refused for good.
 *
 * @throws CodedError CONFLICT
 */
export async function requireRun(delivery: Delivery, executorRunId: string): Promise<Run> {
  const run = await delivery.lockRun(executorRunId);
  if (run) return run;
  throw new CodedError(
    "CONFLICT",
    `Run ${JSON.stringify(executorRunId)} is not known here yet; send this again later`,
    {
      retryable: true,
      retryAfterMs: 1000,
    },
  );
}

async function refuseStrangers(delivery: Delivery, run: Run, charges: readonly Charge[]): Promise<void> {
  const [stranger] = await delivery.strangers(run, charges);
  if (!stranger) return;
  const index = charges.findIndex(({ receiptId }) => receiptId === stranger.receiptId);
  const value = stranger.field === "task_id" ? charges[index]?.taskId : charges[index]?.laneId;
  const allowed = stranger.field === "task_id" ? `a task of project ${run.projectId}` : "the id of a lane";
  throw badInput(`receipts.${index}.${stranger.field}`, value, allowed);
}

const burnAfter = (run: Run, charges: readonly TimedCharge[]): Burn => charges.reduce(addCharge, run.burn);
