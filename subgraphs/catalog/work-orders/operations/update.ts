import { badInput, CodedError } from "../../../../lib/errors.ts";
import { isEditable, isOnlyPlanned } from "../domain/lifecycle.ts";
import { inSteps } from "../../../../lib/in-steps.ts";
import type { ModelProduct, Product } from "../../products/domain/catalogue.ts";
import { withIds, type ModelConfiguration } from "../../products/domain/configuration.ts";
import { idOfOption } from "../../products/domain/product-ids.ts";
import { fromStored } from "../../products/domain/stored-configuration.ts";
import { chooseOptions } from "../domain/options.ts";
import type { Routing } from "../domain/routing.ts";
import { changesBetween } from "../domain/snapshot.ts";
import { planProblem, specOf, type WorkOrder, type WorkOrderFields } from "../domain/work-order.ts";
import type { Actor } from "../../audit/operations/actor.ts";
import { requirePlanner } from "./visibility.ts";
import { changeWorkOrder, traceOf } from "./change.ts";
import { checkFields } from "./input.ts";
import { routingOf } from "./routing.ts";
import { checkReason } from "../../audit/operations/attempts.ts";
import type { WorkOrderPorts } from "../ports.ts";
import type { Change, ProductPayload } from "./ports.ts";

export interface UpdateWorkOrderInput {
  id: string;
  /** The order is changed only if this is its version still. */
  expectedVersion: number | undefined;
  /** Fields left out stay as they are. */
  fields: { [Field in keyof WorkOrderFields]?: WorkOrderFields[Field] | undefined };
  /** Ids of all options that are wanted; undefined for those that the order has, or the defaults of another trim. */
  options: readonly string[] | undefined;
  /** Another trim of the model, null for none; undefined for the one that the order has. */
  trimId: string | null | undefined;
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
    const kept = isChosenAgain(input)
      ? await keptProduct(ports, { tenant, id, trimId: input.trimId })
      : undefined;
    return async ({ order }) => {
      const { order: next, choice } = await chosenAgain({ ports, kept, input }, edited(order, input));
      const trace = traceOf(actor, {
        action: ACTION,
        reason: input.reason === undefined ? "UPDATE" : `UPDATE: ${input.reason}`,
        eventType: "work_order.updated",
        payload: { changes: changesBetween(order, next) },
        at: ports.clock.now(),
      });
      return { order: next, choice, trace };
    };
  });

const isChosenAgain = ({ options, trimId }: UpdateWorkOrderInput): boolean =>
  options !== undefined || trimId !== undefined;

function edited(order: WorkOrder, input: UpdateWorkOrderInput): WorkOrder {
  const { fields, expectedVersion, options, trimId } = input;
  const { status } = order.progress;
  if (expectedVersion !== undefined && expectedVersion !== order.versionNumber) {
    throw new CodedError(
      "CONFLICT",
      `Work order ${order.number} is at version ${order.versionNumber}, not ${expectedVersion}; look at it again`,
    );
  }
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (given.length === 0 && !isChosenAgain(input))
    throw badInput("input", "{}", "at least one field to change");
  if (!isEditable(status))
    throw new CodedError(
      "CONFLICT",
      `Work order ${order.number} is ${status.toUpperCase()} and cannot change`,
    );
  const locked: string[] = PLAN_ONLY.filter((field) => fields[field] !== undefined);
  if (options !== undefined) locked.push("options");
  if (trimId !== undefined) locked.push("trimId");
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

/** What an order is chosen again from. */
interface KeptProduct {
  product: ModelProduct;
  configuration: ModelConfiguration;
  /** By which another trim is built; undefined when none is wanted. */
  routing: Routing | undefined;
}

/** What the order keeps of its product never changes, so it may be read before the order is locked. */
async function keptProduct(
  ports: WorkOrderPorts,
  { tenant, id, trimId }: { tenant: string; id: string; trimId: string | null | undefined },
): Promise<KeptProduct | undefined> {
  const { workOrders } = ports;
  const [order] = await workOrders.find(tenant, [id]);
  const sha256 = order?.origin.payloadSha256;
  const payload = sha256 === undefined ? undefined : (await workOrders.payloads([sha256])).get(sha256);
  if (!payload) return undefined;
  const { product } = payload;
  const routing =
    trimId === undefined
      ? undefined
      : await routingOf(ports, { model: product, trim: trimOf(product, trimId) }, undefined);
  return { product, configuration: await keptConfiguration(payload), routing };
}

/** Another choice from the configuration that the order was created with, for its trim or another one of its model. */
async function chosenAgain(
  {
    ports,
    kept,
    input,
  }: { ports: WorkOrderPorts; kept: KeptProduct | undefined; input: UpdateWorkOrderInput },
  order: WorkOrder,
): Promise<Pick<Change, "order" | "choice">> {
  const { options, trimId = order.trimId } = input;
  if (!isChosenAgain(input) || (options === undefined && trimId === order.trimId)) return { order };
  if (!kept) {
    throw new CodedError(
      "CONFLICT",
      `What work order ${order.number} was created with is not kept, so its options cannot change; make a new order`,
    );
  }
  const { product, configuration, routing } = kept;
  const trim = trimOf(product, trimId);
  const day = (order.plannedStartAt ?? order.createdAt).toISOString().slice(0, 10);
  const choice = await inSteps(chooseOptions({ configuration, trimCode: trim?.code ?? null, day }, options));
  if ("problems" in choice)
    throw new CodedError("BAD_USER_INPUT", `input.options: ${choice.problems.join("; ")}`, {
      field: "input.options",
      allowed: "a complete and consistent choice of the options that the order was created with",
    });
  const { spec } = order;
  const { features, document } = await ports.packChoice(choice.chosen);
  if (!routing || trimId === order.trimId)
    return { order: { ...order, spec: { ...spec, features } }, choice: document };
  const described = { model: spec.model, trim: trim?.name ?? null, features };
  const productSku = input.fields.productSku ?? skuFor(order, product, trim);
  return { order: { ...order, trimId, productSku, spec: specOf(described, routing) }, choice: document };
}

/** The code of the new trim, where the SKU was that of the old one. */
function skuFor({ productSku, trimId }: WorkOrder, product: ModelProduct, trim: Product | undefined): string {
  const before = product.trims.find(({ id }) => id === trimId) ?? product;
  return productSku === before.code ? (trim ?? product).code : productSku;
}

function trimOf({ trims }: ModelProduct, trimId: string | null): Product | undefined {
  if (trimId === null) return undefined;
  const trim = trims.find(({ id }) => id === trimId);
  if (trim) return trim;
  const known = trims.map(({ id }) => id).join(", ");
  throw badInput("input.trimId", trimId, known === "" ? "no trim" : `a trim of the model: ${known}`);
}

/** The configuration that the order was created with, under the ids that its options had then. */
async function keptConfiguration({ configuration, optionIds, product }: ProductPayload) {
  const kept = await inSteps(fromStored(configuration));
  if (!optionIds) return kept;
  return inSteps(withIds(kept, (address) => optionIds[address] ?? idOfOption(product.id, address)));
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
