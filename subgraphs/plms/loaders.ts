import { perArguments } from "../kit/loaders.ts";
import DataLoader from "dataloader";
import {
  findKpiResults,
  findGatesOfLanes,
  findLaneGates,
  findLanes,
  findPassports,
  findProducts,
  findProjects,
  findRuns,
} from "./operations/find.ts";
import { listProjectsOfModels, listReceipts, listRuns, listTasks } from "./operations/list.ts";
import type { PriorKey } from "./domain/prior-fallback.ts";
import { priorHistories } from "./operations/list-priors.ts";
import { listLaneOverrides } from "./operations/lane-overrides.ts";
import { riskHeatmap } from "./operations/risk-heatmap.ts";
import type { Ports } from "./ports.ts";
import { runwaysOf } from "./operations/runways-of.ts";

export type Loaders = ReturnType<typeof createLoaders>;

/** Loaders of one request: whatever is asked for many entities is asked for once. */
export const createLoaders = (ports: Ports, tenant: string) => ({
  project: new DataLoader((ids: readonly string[]) => findProjects(ports, tenant, ids)),
  run: new DataLoader((ids: readonly string[]) => findRuns(ports, tenant, ids)),
  lane: new DataLoader((ids: readonly number[]) => findLanes(ports, ids)),
  products: new DataLoader((ids: readonly string[]) => findProducts(ports, ids)),
  kpiResults: new DataLoader((ids: readonly string[]) => findKpiResults(ports, ids)),
  laneGates: new DataLoader((names: readonly string[]) => findLaneGates(ports, names)),
  gatesOfLane: new DataLoader((ids: readonly number[]) => findGatesOfLanes(ports, ids)),
  passport: new DataLoader((ids: readonly string[]) => findPassports(ports, ids)),
  laneOverrides: new DataLoader((ids: readonly string[]) => listLaneOverrides(ports, ids)),
  heatmap: new DataLoader((ids: readonly string[]) => Promise.all(ids.map((id) => riskHeatmap(ports, id)))),
  echoGate: new DataLoader((ids: readonly string[]) => inOrder(ports.quality.gates(ids), ids)),
  echoes: new DataLoader((ids: readonly string[]) => inOrder(ports.quality.echoes(ids), ids)),
  approvals: new DataLoader((ids: readonly string[]) => inOrder(ports.quality.approvals(ids), ids)),
  budgetTerms: new DataLoader((ids: readonly string[]) => inOrder(ports.budgets.terms(ids), ids)),
  runway: new DataLoader((ids: readonly string[]) => runwaysOf(ports, ids)),
  receiptConflicts: new DataLoader(async (ids: readonly string[]) => {
    const conflicts = await ports.runs.receiptConflicts(ids);
    return ids.map((id) => conflicts.get(id) ?? []);
  }),
  costOfProject: new DataLoader((ids: readonly string[]) => inOrder(ports.costChecks.ofProjects(ids), ids)),
  costOfRun: new DataLoader((ids: readonly string[]) => inOrder(ports.costChecks.ofRuns(ids), ids)),
  tasks: perArguments((ids, args: Parameters<typeof listTasks>[2]) => listTasks(ports, ids, args)),
  runs: perArguments((ids, args: Parameters<typeof listRuns>[2]) => listRuns(ports, ids, args)),
  receipts: perArguments((ids, args: Parameters<typeof listReceipts>[2]) => listReceipts(ports, ids, args)),
  priorHistory: perArguments((keys: readonly PriorKey[], args: Parameters<typeof priorHistories>[2]) =>
    priorHistories(ports, { tenant, keys }, args),
  ),
  projectsOfModel: perArguments((modelIds, args: Parameters<typeof listProjectsOfModels>[2]) =>
    listProjectsOfModels(ports, { tenant, modelIds }, args),
  ),
});

/** Null where nothing is known of an id. */
async function inOrder<T>(
  found: Promise<ReadonlyMap<string, T>>,
  ids: readonly string[],
): Promise<(T | null)[]> {
  const byId = await found;
  return ids.map((id) => byId.get(id) ?? null);
}
