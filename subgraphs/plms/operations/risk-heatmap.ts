import { laneRisk, type LaneRisk } from "../domain/risk.ts";
import type { Ports } from "../ports.ts";
import { loadPriors } from "./priors.ts";

export interface RiskHeatmap {
  projectId: string;
  asOf: Date;
  /** By lane id. */
  lanes: readonly LaneRisk[];
}

/** Where a project is likely to go wrong; null when there is no such project. */
export async function riskHeatmap(
  ports: Pick<Ports, "insights" | "priors" | "clock">,
  projectId: string,
): Promise<RiskHeatmap | null> {
  const found = await ports.insights.risks(projectId);
  if (!found) return null;
  const lookup = await loadPriors(ports, found.tenant);
  return {
    projectId,
    asOf: ports.clock.now(),
    lanes: found.lanes.map((facts) => laneRisk(facts, lookup({ laneId: facts.laneId, provider: null }))),
  };
}
