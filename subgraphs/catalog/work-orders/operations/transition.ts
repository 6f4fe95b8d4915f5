import { badInput, CodedError } from "../../../../lib/errors.ts";
import { enabledStages, routingProblem, type RoutingStage } from "../domain/routing.ts";
import { denialOf } from "../domain/access.ts";
import { actionsFrom, advance, LIFECYCLE, type WorkOrderAction } from "../domain/lifecycle.ts";
import { changesBetween } from "../domain/snapshot.ts";
import { currentStage, releaseProblems, specOf, type WorkOrder } from "../domain/work-order.ts";
import type { Actor } from "../../audit/operations/actor.ts";
import { changeWorkOrder, traceOf, type ChangeRequest } from "./change.ts";
import { checkReason } from "../../audit/operations/attempts.ts";
import type { WorkOrderPorts } from "../ports.ts";
import type { Change, StageLog, Station, Surroundings } from "./ports.ts";

export interface TransitionInput {
  id: string;
  action: WorkOrderAction;
  reason: string | undefined;
  goodQty: number | undefined;
  scrapQty: number | undefined;
  stationId: string | undefined;
}

const ACTION = "transitionWorkOrder";
const EVENT_OF: Readonly<Record<WorkOrderAction, string>> = {
  release: "released",
  start: "started",
  pause: "paused",
  complete: "stage_completed",
  hold: "held",
  unhold: "unheld",
  cancel: "cancelled",
  uncancel: "uncancelled",
};

/**
 * Moves a work order along its life.
 *
 * @throws CodedError BAD_USER_INPUT, FORBIDDEN, NOT_FOUND, CONFLICT
 */
export function transitionWorkOrder(
  ports: WorkOrderPorts,
  actor: Actor,
  input: TransitionInput,
): Promise<WorkOrder> {
  const request = { ports, actor, input };
  return changeWorkOrder(request, ACTION, () => (surroundings) => moved(request, surroundings));
}

function moved({ ports, actor, input }: ChangeRequest<TransitionInput>, surroundings: Surroundings): Change {
  const { order } = surroundings;
  const { action } = input;
  const stage = currentStage(order);
  const denial = denialOf(actor, LIFECYCLE[action].by, stage);
  if (denial !== undefined) throw new CodedError("FORBIDDEN", denial);
  checkInput(input);
  const at = ports.clock.now();
  const prepared = action === "release" ? prepareRelease(surroundings, at) : order;
  checkPieces(order, input);
  const progress = advance(order.progress, action, enabledStages(prepared.spec).length);
  if (!progress) throw impossible(order, action);
  const next = { ...prepared, progress };
  const stageLog = stageLogOf(input, { stage, stations: surroundings.stations });
  const changes = changesBetween(order, next);
  const { reason } = input;
  return {
    order: next,
    ...(stageLog && { stageLog }),
    releasesRouting: action === "release",
    trace: traceOf(actor, {
      action: ACTION,
      reason: reason === undefined ? action.toUpperCase() : `${action.toUpperCase()}: ${reason}`,
      eventType: `work_order.${EVENT_OF[action]}`,
      payload: { action: action.toUpperCase(), reason: reason ?? null, changes },
      at,
    }),
  };
}

function checkInput({ action, reason, goodQty, scrapQty }: TransitionInput): void {
  checkReason("reason", reason);
  if (LIFECYCLE[action].needsReason && (reason ?? "").trim() === "")
    throw badInput("reason", reason ?? null, `why, for ${action.toUpperCase()}`);
  for (const [field, value] of Object.entries({ goodQty, scrapQty })) {
    if (value === undefined) continue;
    if (action !== "complete") throw badInput(field, value, "nothing, except with COMPLETE");
    if (value < 0) throw badInput(field, value, "an integer of at least 0");
  }
}

/** More good pieces than ordered are a slip of the finger, not a success. */
function checkPieces(order: WorkOrder, { goodQty = 0 }: TransitionInput): void {
  if (goodQty > order.qty)
    throw badInput("goodQty", goodQty, `at most the ${order.qty} that work order ${order.number} is for`);
}

function impossible(order: WorkOrder, action: WorkOrderAction): CodedError {
  const { status } = order.progress;
  const possible = actionsFrom(status).map((name) => name.toUpperCase());
  return new CodedError(
    "CONFLICT",
    `Work order ${order.number} is ${status.toUpperCase()}, so ${action.toUpperCase()} is not possible; possible now: ${possible.join(", ") || "nothing"}`,
  );
}

/** A released order follows the routing as it is at that moment. */
function prepareRelease({ order, routing: choice }: Surroundings, now: Date): WorkOrder {
  if (order.progress.status !== "planned") throw impossible(order, "release");
  const { model, trim, features, routingVersionId } = order.spec;
  const problems = [
    ...releaseProblems(order, now),
    ...(choice
      ? [routingProblem(choice.routing, choice.activeDepartments)]
      : [`routing ${JSON.stringify(routingVersionId)} is gone`]),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0 || !choice)
    throw new CodedError("CONFLICT", `Work order ${order.number} cannot be released: ${problems.join("; ")}`);
  return { ...order, spec: specOf({ model, trim, features }, choice.routing) };
}

function stageLogOf(
  input: TransitionInput,
  { stage, stations }: { stage: RoutingStage; stations: readonly Station[] },
): StageLog | undefined {
  const { action, goodQty = 0, scrapQty = 0, reason = null } = input;
  if (action !== "start" && action !== "pause" && action !== "complete") {
    if (input.stationId !== undefined)
      throw badInput("stationId", input.stationId, "nothing, except with START, PAUSE and COMPLETE");
    return undefined;
  }
  const stationId = stationFor(input.stationId, { stage, stations });
  return { stageCode: stage.code, stationId, event: action, goodQty, scrapQty, note: reason };
}

function stationFor(
  givenId: string | undefined,
  { stage, stations }: { stage: RoutingStage; stations: readonly Station[] },
): string {
  const active = stations.filter(({ isActive }) => isActive);
  const station = givenId === undefined ? active[0] : active.find(({ id }) => id === givenId);
  if (station) return station.id;
  const known = active.map(({ id }) => id).join(", ");
  if (givenId !== undefined && known !== "")
    throw badInput("stationId", givenId, `an active station of stage ${stage.name}: ${known}`);
  throw new CodedError(
    "CONFLICT",
    `Stage ${JSON.stringify(stage.name)} has no active station; activate one first`,
  );
}
