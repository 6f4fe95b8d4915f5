import { badInput } from "../../../lib/errors.ts";
import { driftOf, type Drift } from "../domain/drift.ts";
import { requireLane } from "./find.ts";
import type { Ports } from "./ports.ts";

export interface EstimationDrift extends Drift {
  laneId: number;
}

const MOST_RUNS = 100;
const USUAL_RUNS = 10;

/**
 * Whether a tenant's estimates of a lane get better or worse over its newest runs.
 *
 * @param args `last` 1-100, default 10
 * @throws CodedError BAD_USER_INPUT
 */
export async function estimationDrift(
  ports: Pick<Ports, "insights" | "projects" | "calibrationAlpha">,
  tenant: string,
  { laneId, last = USUAL_RUNS }: { laneId: number; last?: number | undefined },
): Promise<EstimationDrift> {
  if (!(Number.isInteger(last) && last >= 1 && last <= MOST_RUNS)) {
    throw badInput("last", last, `a whole number from 1 to ${MOST_RUNS}`);
  }
  await requireLane(ports, laneId);
  const runs = await ports.insights.laneHistory(tenant, laneId, last);
  return { laneId, ...driftOf(runs, ports.calibrationAlpha) };
}
