import { CodedError, notFound } from "../../../lib/errors.ts";
import type { LaneOverride } from "../domain/lane-override.ts";
import { isRowId } from "../../kit/row-id.ts";
import { reasonIn } from "./control-run.ts";
import { requireLane } from "./find.ts";
import type { Ports } from "../ports.ts";
import type { Principal } from "./principal.ts";

/**
 * Puts a task into another lane and remembers who corrected what.
 *
 * @throws CodedError NOT_FOUND, BAD_USER_INPUT, CONFLICT when the task is there already or is under way
 */
export async function overrideLane(
  ports: Pick<Ports, "projects" | "laneOverrides" | "clock">,
  principal: Principal,
  call: { taskId: string; laneId: number; reason?: string | null | undefined },
): Promise<LaneOverride> {
  const reason = typeof call.reason === "string" ? reasonIn(call.reason) : null;
  const lane = await requireLane(ports, call.laneId);
  if (!isRowId(call.taskId)) throw notFound("Task", call.taskId);
  const outcome = await ports.laneOverrides.override(principal.tenant, {
    taskId: call.taskId,
    laneId: lane.id,
    reason,
    by: principal.subject,
    at: ports.clock.now(),
  });
  if (outcome === "missing") throw notFound("Task", call.taskId);
  if (outcome === "same")
    throw new CodedError("CONFLICT", `Task ${call.taskId} is in lane ${lane.id} already`);
  if (outcome === "begun") throw begun(`Task ${call.taskId}`);
  return outcome;
}

/**
 * Takes a correction back: the task returns to the lane that it was predicted in. The correction itself stays on
 * record, with the name of who removed it.
 *
 * @throws CodedError NOT_FOUND; CONFLICT when it was taken back already, when a later one stands, or when the task is
 * under way
 */
export async function removeLaneOverride(
  ports: Pick<Ports, "laneOverrides" | "clock">,
  principal: Principal,
  overrideId: string,
): Promise<LaneOverride> {
  if (!isRowId(overrideId)) throw notFound("Lane override", overrideId);
  const removal = { overrideId, by: principal.subject, at: ports.clock.now() };
  const outcome = await ports.laneOverrides.remove(principal.tenant, removal);
  if (outcome === "missing") throw notFound("Lane override", overrideId);
  if (outcome === "removed")
    throw new CodedError("CONFLICT", `Lane override ${overrideId} was taken back already`);
  if (outcome === "superseded") {
    throw new CodedError(
      "CONFLICT",
      `The task of lane override ${overrideId} was corrected again since; take the later one back first`,
    );
  }
  if (outcome === "begun") throw begun(`The task of lane override ${overrideId}`);
  return outcome;
}

const begun = (task: string) =>
  new CodedError("CONFLICT", `${task} was charged for already; its lane cannot change any more`);

/** The corrections of each project's tasks that stand, oldest first, in the order of the project ids. */
export async function listLaneOverrides(
  { laneOverrides }: Pick<Ports, "laneOverrides">,
  projectIds: readonly string[],
): Promise<(readonly LaneOverride[])[]> {
  const overrides = await laneOverrides.byProjects(projectIds);
  return projectIds.map((id) => overrides.get(id) ?? []);
}
