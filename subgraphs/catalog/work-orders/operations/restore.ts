import { badInput, CodedError } from "../../../../lib/errors.ts";
import { isEditable } from "../domain/lifecycle.ts";
import { changesBetween, restoredFrom } from "../domain/snapshot.ts";
import type { Product } from "../../products/domain/catalogue.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import type { Actor } from "../../audit/operations/actor.ts";
import { requirePlanner } from "./visibility.ts";
import { changeWorkOrder, traceOf, type ChangeRequest } from "./change.ts";
import { checkReason } from "../../audit/operations/attempts.ts";
import type { WorkOrderPorts } from "../ports.ts";
import type { Change, WorkOrderVersion } from "./ports.ts";

export interface RestoreInput {
  id: string;
  versionNumber: number;
  reason: string;
}

const ACTION = "restoreWorkOrder";

/**
 * Makes an order what it was at one of its versions, as a new version.
 *
 * @throws CodedError BAD_USER_INPUT, FORBIDDEN, NOT_FOUND for an unknown order, CONFLICT for one that has ended
 */
export const restoreWorkOrder = (
  ports: WorkOrderPorts,
  actor: Actor,
  input: RestoreInput,
): Promise<WorkOrder> =>
  changeWorkOrder({ ports, actor, input }, ACTION, async (scope) => {
    requirePlanner(actor, "restore");
    checkReason("reason", input.reason);
    if (input.reason.trim() === "") throw badInput("reason", input.reason, "why, in 1-500 characters");
    // Read before the order is locked: a version never changes.
    const version = await ports.workOrders.version(scope, input.versionNumber);
    const trims = version ? await trimsOf(ports, version.payloadSha256) : [];
    return ({ order }) => restored({ ports, actor, input }, order, version && { ...version, trims });
  });

const trimsOf = async ({ workOrders }: WorkOrderPorts, payloadSha256: string): Promise<readonly Product[]> =>
  (await workOrders.products([payloadSha256])).get(payloadSha256)?.trims ?? [];

function restored(
  { ports, actor, input }: ChangeRequest<RestoreInput>,
  order: WorkOrder,
  version: (WorkOrderVersion & { trims: readonly Product[] }) | undefined,
): Change {
  const { versionNumber, reason } = input;
  if (!version) {
    const allowed = `a version of work order ${order.number}, 1 to ${order.versionNumber}`;
    throw badInput("versionNumber", versionNumber, allowed);
  }
  const { status } = order.progress;
  if (!isEditable(status))
    throw new CodedError(
      "CONFLICT",
      `Work order ${order.number} is ${status.toUpperCase()} and cannot be restored`,
    );
  const next = restoredFrom(order, version.snapshot, version.trims);
  const changes = changesBetween(order, next);
  if (Object.keys(changes).length === 0)
    throw new CodedError(
      "CONFLICT",
      `Work order ${order.number} is as it was at version ${versionNumber} already`,
    );
  return {
    order: next,
    trace: traceOf(actor, {
      action: ACTION,
      reason: `RESTORE ${versionNumber}: ${reason}`,
      eventType: "work_order.restored",
      payload: { versionRestored: versionNumber, reason, changes },
      at: ports.clock.now(),
    }),
  };
}
