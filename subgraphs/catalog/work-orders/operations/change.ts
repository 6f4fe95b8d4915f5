import { notFound } from "../../../../lib/errors.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import { attemptAudited, successOf } from "../../audit/operations/attempts.ts";
import type { Actor } from "../../audit/operations/actor.ts";
import type { WorkOrderPorts } from "../ports.ts";
import type { Change, Surroundings, Trace } from "./ports.ts";

/** What a caller asks to be done to an order. */
export interface ChangeRequest<Input extends { id: string }> {
  ports: WorkOrderPorts;
  actor: Actor;
  input: Input;
}

/** Says what becomes of the order as it is now, which is locked meanwhile. */
type Decide = (surroundings: Surroundings) => Change | Promise<Change>;

/**
 * Changes an order of the actor's tenant; a refusal is left in the audit log, a success by its own trace.
 *
 * @param action the mutation, as in the schema
 * @param prepare checks what can be checked before the order is locked
 * @throws CodedError NOT_FOUND for an unknown order, or whatever `prepare` and its decision throw
 */
export function changeWorkOrder<Input extends { id: string }>(
  { ports, actor, input }: ChangeRequest<Input>,
  action: string,
  prepare: (scope: { tenant: string; id: string }) => Promise<Decide> | Decide,
): Promise<WorkOrder> {
  const attempt = { action, entityType: "WorkOrder", entityId: input.id, payload: { input } };
  return attemptAudited(ports, { actor, attempt }, async () => {
    const scope = { tenant: actor.tenant, id: input.id };
    const changed = await ports.workOrders.change(scope, await prepare(scope));
    if (!changed) throw notFound("Work order", input.id);
    return changed;
  });
}

/** What a change of an order by this actor leaves behind. */
export function traceOf(
  actor: Actor,
  {
    action,
    payload,
    ...told
  }: Pick<Trace, "reason" | "eventType" | "at"> & Pick<Trace["audit"], "action" | "payload">,
): Trace {
  const audit = successOf(actor, { action, entityType: "WorkOrder", payload });
  return { ...told, correlationId: actor.correlationId, audit };
}
