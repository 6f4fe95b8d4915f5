import { badInput } from "../../../lib/errors.ts";
import type { ReplayPassport } from "../domain/passport.ts";
import type { Lane, ProductTarget, Project } from "../domain/project.ts";
import { isStorable } from "../../../lib/storable.ts";
import { isRowId } from "../../kit/row-id.ts";
import type { Run } from "../domain/run.ts";
import type { KpiGate } from "../domain/kpi.ts";
import type { KpiReceipt } from "./kpi-ports.ts";
import type { Ports } from "../ports.ts";

/** Projects in the order of their ids; null where the tenant has none. */
export async function findProjects(
  ports: Pick<Ports, "projects">,
  tenant: string,
  ids: readonly string[],
): Promise<(Project | null)[]> {
  const known = ids.filter(isRowId);
  return inOrder(ids, known.length > 0 ? await ports.projects.byIds(tenant, known) : []);
}

/** Runs in the order of their ids; null where the tenant has none. */
export async function findRuns(
  ports: Pick<Ports, "runs">,
  tenant: string,
  ids: readonly string[],
): Promise<(Run | null)[]> {
  const known = ids.filter(isRowId);
  const runs = known.length > 0 ? await ports.runs.byIds(known) : [];
  return inOrder(
    ids,
    runs.filter((run) => run.tenant === tenant),
  );
}

/** The tenant's run under the executor's own id; null when there is none. */
export async function findRunOfExecutor(
  ports: Pick<Ports, "runs">,
  tenant: string,
  executorRunId: string,
): Promise<Run | null> {
  if (!isStorable(executorRunId)) return null;
  const run = await ports.runs.byExecutorRunId(executorRunId);
  return run?.tenant === tenant ? run : null;
}

/** Lanes in the order of their ids; null where there is none. */
export async function findLanes(
  ports: Pick<Ports, "projects">,
  ids: readonly number[],
): Promise<(Lane | null)[]> {
  return inOrder(ids, await ports.projects.lanes());
}

/** @throws CodedError BAD_USER_INPUT when there is no such lane */
export async function requireLane(ports: Pick<Ports, "projects">, laneId: number): Promise<Lane> {
  const [lane] = await findLanes(ports, [laneId]);
  if (!lane) throw badInput("laneId", laneId, "the id of a lane");
  return lane;
}

/** The passports of runs, in the order of the run ids; null where there is none. */
export async function findPassports(
  ports: Pick<Ports, "passports">,
  runIds: readonly string[],
): Promise<(ReplayPassport | null)[]> {
  const passports = await ports.passports.byRuns(runIds);
  return runIds.map((id) => passports.get(id) ?? null);
}

/** The newest results of the KPIs of runs, in the order of the run ids. */
export async function findKpiResults(
  { kpiResults }: Pick<Ports, "kpiResults">,
  runIds: readonly string[],
): Promise<KpiReceipt[][]> {
  const results = await kpiResults.byRuns(runIds);
  return runIds.map((id) => [...(results.get(id) ?? [])]);
}

/** The gates of lanes for KPIs, in the order of the names. */
export async function findLaneGates(
  { kpiResults }: Pick<Ports, "kpiResults">,
  kpis: readonly string[],
): Promise<(KpiGate & { laneId: number })[][]> {
  const byLane = await kpiResults.gatesByLane();
  const gates = [...byLane].flatMap(([laneId, ofLane]) => ofLane.map((gate) => ({ ...gate, laneId })));
  return kpis.map((name) => gates.filter(({ kpi }) => kpi === name));
}

/** The gates of each lane, in the order of the ids. */
export async function findGatesOfLanes(
  { kpiResults }: Pick<Ports, "kpiResults">,
  laneIds: readonly number[],
): Promise<(KpiGate & { laneId: number })[][]> {
  const byLane = await kpiResults.gatesByLane();
  return laneIds.map((laneId) => (byLane.get(laneId) ?? []).map((gate) => ({ ...gate, laneId })));
}

/** The products of each project, in the order of the project ids. */
export async function findProducts(
  ports: Pick<Ports, "projects">,
  projectIds: readonly string[],
): Promise<ProductTarget[][]> {
  const products = await ports.projects.products(projectIds);
  return projectIds.map((id) => products.get(id) ?? []);
}

function inOrder<Id extends string | number, T extends { id: Id }>(
  ids: readonly Id[],
  found: readonly T[],
): (T | null)[] {
  const byId = new Map(found.map((item) => [item.id, item]));
  return ids.map((id) => byId.get(id) ?? null);
}
