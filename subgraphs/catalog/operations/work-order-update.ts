import { badInput, CodedError } from "../../../lib/errors.ts";
import { isEditable, isOnlyPlanned } from "../domain/work-order-lifecycle.ts";
import { changesBetween, snapshotOf } from "../domain/work-order-snapshot.ts";
import { planProblem, type WorkOrder, type WorkOrderFields } from "../domain/work-order.ts";
import { requirePlanner, type Actor } from "./work-order-actor.ts";
import { changeWorkOrder, traceOf } from "./work-order-change.ts";
import { checkFields, checkReason } from "./work-order-input.ts";
import type { WorkOrderPorts } from "./work-order-ports.ts";

export interface UpdateWorkOrderInput {
  id: string;
  /** The order is changed only if this is its version still. */
  expectedVersion: number | undefined;
  /** Fields left out stay as they are. */
  fields: { [Field in keyof WorkOrderFields]?: WorkOrderFields[Field] | undefined };
  reason: string | undefined;
}

const ACTION = "updateWorkOrder";
const PLAN_ONLY = ["hullId", "productSku", "qty"] as const;

/**
 * Changes fields of a work order.
 *
 * @throws CodedError BAD_USER_INPUT, FORBIDDEN, NOT_FOUND, CONFLICT
 */
export const updateWorkOrder = (
  ports: WorkOrderPorts,
  actor: Actor,
  input: UpdateWorkOrderInput,
): Promise<WorkOrder> =>
  changeWorkOrder({ ports, actor, input }, ACTION, () => {
    requirePlanner(actor, "change");
    checkFields({ ...input.fields });
    checkReason("input.reason", input.reason);
    return ({ order }) => {
      const next = edited(order, input);
      const trace = traceOf(actor, {
        action: ACTION,
        reason: input.reason === undefined ? "UPDATE" : `UPDATE: ${input.reason}`,
        eventType: "work_order.updated",
        payload: { changes: changesBetween(snapshotOf(order), snapshotOf(next)) },
        at: ports.clock.now(),
      });
      return { order: next, trace };
    };
  });

function edited(order: WorkOrder, { fields, expectedVersion }: UpdateWorkOrderInput): WorkOrder {
  const { status } = order.progress;
  if (expectedVersion !== undefined && expectedVersion !== order.versionNumber) {
    throw new CodedError(
      "CONFLICT",
      `Work order ${order.number} is at version ${order.versionNumber}, not ${expectedVersion}; look at it again`,
    );
  }
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (given.length === 0) throw badInput("input", "{}", "at least one field to change");
  if (!isEditable(status))
    throw new CodedError(
      "CONFLICT",
      `Work order ${order.number} is ${status.toUpperCase()} and cannot change`,
    );
  const locked = PLAN_ONLY.filter((field) => fields[field] !== undefined);
  if (locked.length > 0 && !isOnlyPlanned(status)) {
    throw new CodedError(
      "CONFLICT",
      `Work order ${order.number} is ${status.toUpperCase()}: ${locked.join(", ")} may change only while it is PLANNED or CANCELLED`,
    );
  }
  const next = { ...order, ...(Object.fromEntries(given) as Partial<WorkOrderFields>) };
  checkPlan(next);
  return next;
}

function checkPlan(order: WorkOrder): void {
  const { plannedStartAt, plannedFinishAt, progress } = order;
  const problem = planProblem(order);
  if (problem !== undefined) throw badInput("input.plannedFinishAt", plannedFinishAt, problem);
  if ((plannedStartAt === null || plannedFinishAt === null) && !isOnlyPlanned(progress.status)) {
    const field = plannedStartAt === null ? "plannedStartAt" : "plannedFinishAt";
    throw badInput(`input.${field}`, null, "an instant, once the order is released");
  }
}
