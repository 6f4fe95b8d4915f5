import { badInput, CodedError, notFound } from "../../../lib/errors.ts";
import { isPlanner } from "../domain/work-order-access.ts";
import { isEditable } from "../domain/work-order-lifecycle.ts";
import { changesBetween, restoredFrom, snapshotOf } from "../domain/work-order-snapshot.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import { attemptAudited, successOf } from "./audit-attempts.ts";
import type { Actor } from "./work-order-actor.ts";
import { checkReason } from "./work-order-input.ts";
import type { Change, WorkOrderPorts, WorkOrderVersion } from "./work-order-ports.ts";

export interface RestoreInput {
  id: string;
  versionNumber: number;
  reason: string;
}

interface Request {
  ports: WorkOrderPorts;
  actor: Actor;
  input: RestoreInput;
}

const ACTION = "restoreWorkOrder";

/**
 * Makes an order what it was at one of its versions, as a new version.
 *
 * @throws CodedError BAD_USER_INPUT, FORBIDDEN, NOT_FOUND for an unknown order, CONFLICT for one that has ended
 */
export async function restoreWorkOrder(
  ports: WorkOrderPorts,
  actor: Actor,
  input: RestoreInput,
): Promise<WorkOrder> {
  const attempt = { action: ACTION, entityType: "WorkOrder", entityId: input.id, payload: { input } };
  return attemptAudited(ports, { actor, attempt }, async () => {
    if (!isPlanner(actor))
      throw new CodedError("FORBIDDEN", "Only a supervisor or an administrator may restore work orders");
    checkReason("reason", input.reason);
    if (input.reason.trim() === "") throw badInput("reason", input.reason, "why, in 1-500 characters");
    const scope = { tenant: actor.tenant, id: input.id };
    // Read before the order is locked: a version never changes.
    const version = await ports.workOrders.version(scope, input.versionNumber);
    const changed = await ports.workOrders.change(scope, ({ order }) =>
      restored({ ports, actor, input }, order, version),
    );
    if (!changed) throw notFound("Work order", input.id);
    return changed;
  });
}

function restored(
  { ports, actor, input }: Request,
  order: WorkOrder,
  version: WorkOrderVersion | undefined,
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
  const next = restoredFrom(order, version.snapshot);
  const changes = changesBetween(snapshotOf(order), snapshotOf(next));
  if (Object.keys(changes).length === 0)
    throw new CodedError(
      "CONFLICT",
      `Work order ${order.number} is as it was at version ${versionNumber} already`,
    );
  return {
    order: next,
    trace: {
      reason: `RESTORE ${versionNumber}: ${reason}`,
      eventType: "work_order.restored",
      correlationId: actor.correlationId,
      audit: successOf(actor, {
        action: ACTION,
        entityType: "WorkOrder",
        payload: { versionRestored: versionNumber, reason, changes },
      }),
      at: ports.clock.now(),
    },
  };
}
