import { badInput } from "../../../lib/errors.ts";
import { driftOf, type Drift } from "../domain/drift.ts";
import { requireLane } from "./find.ts";
import { requireProviderName } from "./priors.ts";
import type { Ports } from "../ports.ts";

export interface EstimationDrift extends Drift {
  laneId: number;
  /** Null for all providers together. */
  provider: string | null;
}

export interface DriftQuestion {
  laneId: number;
  /** Default: all providers together. */
  provider?: string | null | undefined;
  /** 1-100, default 10. */
  last?: number | undefined;
}

const MOST_RUNS = 100;
const USUAL_RUNS = 10;

/**
 * Whether a tenant's estimates of a lane, or of one provider in it, get better or worse over the newest runs.
 *
 * @throws CodedError BAD_USER_INPUT
 */
export async function estimationDrift(
  ports: Pick<Ports, "insights" | "projects" | "calibrationAlpha">,
  tenant: string,
  { laneId, provider = null, last = USUAL_RUNS }: DriftQuestion,
): Promise<EstimationDrift> {
  if (!(Number.isInteger(last) && last >= 1 && last <= MOST_RUNS)) {
    throw badInput("last", last, `a whole number from 1 to ${MOST_RUNS}`);
  }
  requireProviderName(provider);
  await requireLane(ports, laneId);
  const runs = await ports.insights.laneHistory(tenant, { laneId, provider }, last);
  return { laneId, provider, ...driftOf(runs, ports.calibrationAlpha) };
}
