import { badInput, CodedError } from "../../../lib/errors.ts";
import type { Charge } from "../domain/run.ts";
import type { Ports } from "../ports.ts";
import type { PricedCharge, ReceiptCounts, ReceiptMessage } from "./ports.ts";

type IntakePorts = Pick<Ports, "inbox" | "clock" | "meter" | "settings" | "priceOf">;

/**
 * Records what the executor charged, once per receipt id, however often and in whatever order it is told.
 * Late receipts of finished runs count as well: the money is spent.
 *
 * @throws CodedError CONFLICT (send again later) when the run is not known, BAD_USER_INPUT for a task or lane
 * that the project does not have; nothing of the message is recorded then
 */
export async function recordReceipts(
  { inbox, clock, meter, settings, priceOf }: IntakePorts,
  message: ReceiptMessage,
): Promise<ReceiptCounts> {
  const charges = message.charges.map((charge) => priced(charge, priceOf));
  const taken = await inbox.takeReceipts({ ...message, charges }, clock.now());
  if (taken.outcome === "unknown") throw unknownRun(message.executorRunId);
  if (taken.outcome === "stranger") throw strangerAmong(message.charges, taken);
  if (taken.isToBeLearnt) await inbox.calibrateLater(taken.runId, settings.calibrationGraceMs);
  const { recorded, conflicting } = taken;
  const counts = { recorded, duplicate: charges.length - recorded, conflicting };
  meter.receipts(counts);
  return counts;
}

/** A charge with what its usage costs by the price table of its day. */
const priced = (charge: Charge, priceOf: Ports["priceOf"]): PricedCharge =>
  charge.usage ? { ...charge, pricing: priceOf(charge.usage, charge.occurredAt) } : charge;

/** A message may overtake the answer that tells us the id of its run, so an unknown one is not refused for good. */
export const unknownRun = (executorRunId: string) =>
  new CodedError(
    "CONFLICT",
    `Run ${JSON.stringify(executorRunId)} is not known here yet; send this again later`,
    { retryable: true, retryAfterMs: 1000 },
  );

function strangerAmong(
  charges: readonly Charge[],
  { place, field, projectId }: { place: number; field: "task_id" | "lane_id"; projectId: string },
): CodedError {
  const charge = charges[place];
  const value = field === "task_id" ? charge?.taskId : charge?.laneId;
  const allowed = field === "task_id" ? `a task of project ${projectId}` : "the id of a lane";
  return badInput(`receipts.${place}.${field}`, value, allowed);
}
