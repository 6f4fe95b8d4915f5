import { checkedList, checkedNumber } from "../../kit/checked-input.ts";
import { badInput, CodedError, notFound } from "../../../lib/errors.ts";
import type { EchoGate } from "../domain/echo-gate.ts";
import type { Project } from "../domain/project.ts";
import { isRowId } from "../../kit/row-id.ts";
import type { Run } from "../domain/run.ts";
import { reasonIn } from "./control-run.ts";
import { findLanes, findProjects, findRuns } from "./find.ts";
import type { Ports } from "../ports.ts";
import type { Principal } from "./principal.ts";

const MOST_LANES = 100;
const COSINES = [-1, 1] as const;

/**
 * Lets a run pass that needs review, and remembers who wanted it so and why. What its validation found stays, so it
 * teaches the priors nothing.
 *
 * @throws CodedError NOT_FOUND, BAD_USER_INPUT for the reason, CONFLICT when the run does not need review
 */
export async function overrideQuality(
  ports: Pick<Ports, "runs" | "quality" | "clock">,
  principal: Principal,
  call: { runId: string; reason: string },
): Promise<Run> {
  const reason = reasonIn(call.reason);
  const [run] = isRowId(call.runId) ? await findRuns(ports, principal.tenant, [call.runId]) : [];
  if (!run) throw notFound("Run", call.runId);
  const decision = {
    reason,
    by: principal.subject,
    at: ports.clock.now(),
    correlationId: principal.correlationId,
  };
  const passed = await ports.quality.override(run, decision);
  if (passed) return passed;
  const [now] = await ports.runs.byIds([run.id]);
  throw new CodedError(
    "CONFLICT",
    `Run ${run.id} is ${(now ?? run).status.replace("_", " ")}; only a run that needs review can be let pass`,
  );
}

/**
 * Says how similar results have to be to their requests. What is left out stays as it is; lanes are replaced as a whole.
 *
 * @throws CodedError NOT_FOUND, BAD_USER_INPUT
 */
export async function setEchoGate(
  ports: Pick<Ports, "projects" | "quality">,
  principal: Principal,
  call: { projectId: string } & { [Field in keyof EchoGate]?: EchoGate[Field] | null | undefined },
): Promise<Project> {
  const minCos = call.minCos ?? undefined;
  if (minCos !== undefined) checkedNumber("input.minCos", minCos, COSINES);
  await refuseStrangeLanes(ports, call.lanes ?? []);
  const [project] = await findProjects(ports, principal.tenant, [call.projectId]);
  if (!project) throw notFound("Project", call.projectId);
  const standing = await gateOf(ports, project.id);
  await ports.quality.setGate(project.id, {
    mode: call.mode ?? standing.mode,
    minCos: minCos ?? standing.minCos,
    lanes: call.lanes ?? standing.lanes,
  });
  return project;
}

/** @throws CodedError NOT_FOUND */
async function gateOf({ quality }: Pick<Ports, "quality">, projectId: string): Promise<EchoGate> {
  const gate = (await quality.gates([projectId])).get(projectId);
  if (!gate) throw notFound("Project", projectId);
  return gate;
}

async function refuseStrangeLanes(ports: Pick<Ports, "projects">, lanes: EchoGate["lanes"]): Promise<void> {
  checkedList("input.lanes", lanes, MOST_LANES);
  const known = await findLanes(
    ports,
    lanes.map(({ laneId }) => laneId),
  );
  const seen = new Set<number>();
  for (const [index, { laneId, minCos }] of lanes.entries()) {
    checkedNumber(`input.lanes.${index}.minCos`, minCos, COSINES);
    if (!known[index]) throw badInput(`input.lanes.${index}.laneId`, laneId, "the id of a lane");
    if (seen.has(laneId)) throw badInput(`input.lanes.${index}.laneId`, laneId, "each lane once");
    seen.add(laneId);
  }
}
