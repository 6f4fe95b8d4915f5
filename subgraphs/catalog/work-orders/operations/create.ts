import { checkedKey, keyInFlight, keyReused } from "../../../kit/idempotency.ts";
import { writeCanonicalJson } from "../../../../lib/canonical-json.ts";
import { badInput, CodedError, notFound } from "../../../../lib/errors.ts";
import { inSteps } from "../../../../lib/in-steps.ts";
import type { Product } from "../../products/domain/catalogue.ts";
import { chooseOptions, type ChosenOption } from "../domain/options.ts";
import { planProblem, specOf, type WorkOrder, type WorkOrderPriority } from "../domain/work-order.ts";
import { attemptAudited } from "../../audit/operations/attempts.ts";
import type { Actor } from "../../audit/operations/actor.ts";
import { requirePlanner } from "./visibility.ts";
import { traceOf } from "./change.ts";
import { checkFields } from "./input.ts";
import { routingOf } from "./routing.ts";
import type { WorkOrderPorts } from "../ports.ts";
import type { CreateClaim, CreateIntent, Creation, ProductOffer } from "./ports.ts";

export interface CreateWorkOrderInput {
  modelId: string;
  trimId: string | undefined;
  qty: number;
  hullId: string | undefined;
  productSku: string | undefined;
  priority: WorkOrderPriority;
  plannedStartAt: Date | undefined;
  plannedFinishAt: Date | undefined;
  routingVersionId: string | undefined;
  /** Ids; undefined for the defaults. */
  options: readonly string[] | undefined;
  projectId: string | undefined;
  idempotencyKey: string;
}

export interface CreatedWorkOrder {
  order: WorkOrder;
  /** True when an earlier call with this key had created the order. */
  replayed: boolean;
  /** When the key is free again. */
  expiresAt: Date;
}

const ACTION = "createWorkOrder";
/** As many as the largest configurations that are taken have. */
const OPTIONS_MAX = 1_000_000;

/**
 * Plans a work order, once per tenant, user and key, and freezes the description of its product.
 *
 * @throws CodedError BAD_USER_INPUT, FORBIDDEN, NOT_FOUND, CONFLICT, IDEMPOTENCY_KEY_REUSED,
 * IDEMPOTENCY_IN_FLIGHT; PLM_… when no source can describe the product
 */
export async function createWorkOrder(
  ports: WorkOrderPorts,
  actor: Actor,
  given: CreateWorkOrderInput,
): Promise<CreatedWorkOrder> {
  const { idempotencyKey, ...input } = given;
  const attempt = { action: ACTION, entityType: "WorkOrder", entityId: null, payload: { input } };
  return attemptAudited(ports, { actor, attempt }, async () => {
    requirePlanner(actor, "create");
    checkInput(given);
    const intent: CreateIntent = {
      tenant: actor.tenant,
      principal: actor.subject,
      operation: ACTION,
      key: idempotencyKey,
      fingerprint: ports.digest(await inSteps(writeCanonicalJson(input))),
    };
    const now = ports.clock.now();
    // A repetition is answered without asking the PLM again.
    const earlier = await ports.workOrders.recall(intent, now);
    if (earlier) return resultOf(earlier);
    const creation = await prepare(ports, actor, given);
    const expiresAt = new Date(now.getTime() + ports.settings.idempotencyTtlMs);
    return resultOf(await ports.workOrders.create(intent, creation, expiresAt));
  });
}

function checkInput(input: CreateWorkOrderInput): void {
  checkedKey(input.idempotencyKey);
  checkFields(input);
  if ((input.options?.length ?? 0) > OPTIONS_MAX)
    throw badInput("input.options", input.options?.length, `at most ${OPTIONS_MAX} options`);
}

function resultOf(claim: CreateClaim): CreatedWorkOrder {
  if (claim.kind === "reused") throw keyReused();
  if (claim.kind === "in-flight") throw keyInFlight();
  return { order: claim.order, replayed: claim.kind === "replayed", expiresAt: claim.expiresAt };
}

async function prepare(ports: WorkOrderPorts, actor: Actor, input: CreateWorkOrderInput): Promise<Creation> {
  const at = ports.clock.now();
  checkPlan(input, at);
  const offer = await ports.offers.read({ modelId: input.modelId, correlationId: actor.correlationId });
  if (!offer) throw notFound("Model", input.modelId);
  const trim = trimOf(offer, input.trimId);
  const day = dayOf(input.plannedStartAt ?? at);
  const { features, document: choice } = await ports.packChoice(
    await chosenFor(offer, { trim, day }, input.options),
  );
  const routing = await routingOf(ports, { model: offer.product, trim }, input.routingVersionId);
  const { dataSource, plmCorrelationId, plmSchemaVersion, fallbackReason } = offer;
  const payload = await ports.seal(offer);
  const origin = { dataSource, plmCorrelationId, plmSchemaVersion, payloadSha256: payload.sha256 };
  return {
    order: {
      tenant: actor.tenant,
      modelId: offer.product.id,
      trimId: trim?.id ?? null,
      projectId: input.projectId ?? null,
      hullId: input.hullId ?? null,
      productSku: input.productSku ?? (trim ?? offer.product).code,
      qty: input.qty,
      priority: input.priority,
      plannedStartAt: input.plannedStartAt ?? null,
      plannedFinishAt: input.plannedFinishAt ?? null,
      progress: { status: "planned", heldFrom: null, stageIndex: 0 },
      spec: specOf({ model: offer.product.code, trim: trim?.name ?? null, features }, routing),
      origin,
    },
    payload,
    choice,
    trace: traceOf(actor, {
      action: ACTION,
      reason: "CREATE",
      eventType: "work_order.created",
      payload: { plm: { ...origin, fallbackReason } },
      at,
    }),
  };
}

const OPTIONS_SHOWN = 20;

/** What is ordered for a day takes what is valid on it. */
const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

function checkPlan(input: CreateWorkOrderInput, now: Date): void {
  const { plannedStartAt = null, plannedFinishAt = null } = input;
  const problem = planProblem({ plannedStartAt, plannedFinishAt });
  if (problem !== undefined) throw badInput("input.plannedFinishAt", plannedFinishAt, problem);
  if (plannedStartAt && plannedFinishAt && plannedStartAt <= now)
    throw badInput("input.plannedStartAt", plannedStartAt, "an instant in the future");
}

function trimOf(offer: ProductOffer, trimId: string | undefined): Product | undefined {
  if (trimId === undefined) return undefined;
  const trim = offer.product.trims.find(({ id }) => id === trimId);
  if (trim) return trim;
  const known = offer.product.trims.map(({ id }) => id).join(", ");
  throw badInput("input.trimId", trimId, known === "" ? "no trim" : `a trim of the model: ${known}`);
}

async function chosenFor(
  { configuration }: ProductOffer,
  { trim, day }: { trim: Product | undefined; day: string },
  options: readonly string[] | undefined,
): Promise<readonly ChosenOption[]> {
  const choice = await inSteps(chooseOptions({ configuration, trimCode: trim?.code ?? null, day }, options));
  if ("chosen" in choice) return choice.chosen;
  throw new CodedError("BAD_USER_INPUT", `input.options: ${choice.problems.join("; ")}`, {
    field: "input.options",
    value: options?.slice(0, OPTIONS_SHOWN),
    allowed: "a complete and consistent choice of the options of the model and its trim",
  });
}
