import { notFound } from "../../../lib/errors.ts";
import type { Caller } from "../../../lib/graphql-endpoint.ts";
import type { InsightOperations } from "./insight-routes.ts";
import type { Project } from "../domain/project.ts";
import { estimationDrift } from "../operations/estimation-drift.ts";
import { listLaneOverrides } from "../operations/lane-overrides.ts";
import type { Ports } from "../ports.ts";
import { projectMetrics } from "../operations/project-metrics.ts";
import { riskHeatmap } from "../operations/risk-heatmap.ts";

/** What the façade tells about projects, with the names of their lanes. */
export function insightOperations(
  ports: Ports,
  projectOf: (caller: Caller, id: string) => Promise<Project>,
): Omit<InsightOperations, "simulate"> {
  const named = async <T extends { laneId: number }>(items: readonly T[]) => {
    const names = new Map((await ports.projects.lanes()).map(({ id, name }) => [id, name]));
    return items.map((item) => ({ ...item, laneName: names.get(item.laneId) ?? String(item.laneId) }));
  };
  return {
    metrics: async (caller, id, withIntervals) => {
      const metrics = await projectMetrics(ports, await projectOf(caller, id), { withIntervals });
      return { ...metrics, calibration: metrics.calibration && (await named(metrics.calibration)) };
    },
    laneOverrides: async (caller, id) => {
      const [overrides = []] = await listLaneOverrides(ports, [(await projectOf(caller, id)).id]);
      return overrides;
    },
    riskHeatmap: async (caller, id) => {
      const heatmap = await riskHeatmap(ports, (await projectOf(caller, id)).id);
      if (!heatmap) throw notFound("Project", id);
      return named(heatmap.lanes);
    },
    estimationDrift: async (caller, id, laneId) => {
      const { tenant } = await projectOf(caller, id);
      const drift = await estimationDrift(ports, tenant, { laneId });
      const [{ laneName } = { laneName: String(laneId) }] = await named([drift]);
      return { ...drift, laneName };
    },
  };
}
