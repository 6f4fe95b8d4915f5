import { badInput, CodedError } from "../../../../lib/errors.ts";
import { isEditable, isOnlyPlanned } from "../domain/lifecycle.ts";
import { chooseOptions, keptConfiguration } from "../domain/options.ts";
import { changesBetween, snapshotOf } from "../domain/snapshot.ts";
import { planProblem, type WorkOrder, type WorkOrderFields } from "../domain/work-order.ts";
import type { Actor } from "../../audit/operations/actor.ts";
import { requirePlanner } from "./visibility.ts";
import { changeWorkOrder, traceOf } from "./change.ts";
import { checkFields } from "./input.ts";
import { checkReason } from "../../audit/operations/attempts.ts";
import type { ProductPayload, WorkOrderPorts } from "./ports.ts";

export interface UpdateWorkOrderInput {
  id: string;
  /** The order is changed only if this is its version still. */
  expectedVersion: number | undefined;
  /** Fields left out stay as they are. */
  fields: { [Field in keyof WorkOrderFields]?: WorkOrderFields[Field] | undefined };
  /** Ids of all options that are wanted; undefined for those that the order has. */
  options: readonly string[] | undefined;
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
  changeWorkOrder({ ports, actor, input }, ACTION, async ({ tenant, id }) => {
    requirePlanner(actor, "change");
    checkFields({ ...input.fields });
    checkReason("input.reason", input.reason);
    const kept = input.options && (await keptProduct(ports, tenant, id));
    return ({ order }) => {
      const next = chosenAgain(edited(order, input), kept, input.options);
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

function edited(order: WorkOrder, { fields, expectedVersion, options }: UpdateWorkOrderInput): WorkOrder {
  const { status } = order.progress;
  if (expectedVersion !== undefined && expectedVersion !== order.versionNumber) {
    throw new CodedError(
      "CONFLICT",
      `Work order ${order.number} is at version ${order.versionNumber}, not ${expectedVersion}; look at it again`,
    );
  }
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (given.length === 0 && options === undefined)
    throw badInput("input", "{}", "at least one field to change");
  if (!isEditable(status))
    throw new CodedError(
      "CONFLICT",
      `Work order ${order.number} is ${status.toUpperCase()} and cannot change`,
    );
  const locked: string[] = PLAN_ONLY.filter((field) => fields[field] !== undefined);
  if (options !== undefined) locked.push("options");
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

/** What the order keeps of its product never changes, so it may be read before the order is locked. */
async function keptProduct(
  { workOrders }: WorkOrderPorts,
  tenant: string,
  id: string,
): Promise<ProductPayload | undefined> {
  const [order] = await workOrders.find(tenant, [id]);
  return order && (await workOrders.payloads([order.origin.payloadSha256])).get(order.origin.payloadSha256);
}

/** Another choice from the configuration that the order was created with; no other choice leaves it as it is. */
function chosenAgain(
  order: WorkOrder,
  kept: ProductPayload | undefined,
  options: readonly string[] | undefined,
): WorkOrder {
  if (options === undefined) return order;
  if (!kept) {
    throw new CodedError(
      "CONFLICT",
      `What work order ${order.number} was created with is not kept, so its options cannot change; make a new order`,
    );
  }
  const { product } = kept;
  const configuration = keptConfiguration(kept.configuration);
  const trimCode = product.trims.find(({ id }) => id === order.trimId)?.code ?? null;
  const day = (order.plannedStartAt ?? order.createdAt).toISOString().slice(0, 10);
  const choice = chooseOptions({ configuration, trimCode, day }, options);
  if ("problems" in choice)
    throw new CodedError("BAD_USER_INPUT", `input.options: ${choice.problems.join("; ")}`, {
      field: "input.options",
      allowed: "a complete and consistent choice of the options that the order was created with",
    });
  return { ...order, spec: { ...order.spec, features: choice.chosen } };
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
