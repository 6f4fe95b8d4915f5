import { canonicalJson } from "../../../lib/canonical-json.ts";
import type { Observation, Prior } from "../domain/prior.ts";
import type { PriorKey } from "../domain/prior-fallback.ts";
import { learnAll } from "./calibrate-run.ts";
import type { UnlearntRun } from "./estimation-ports.ts";
import type { Ports } from "../ports.ts";

export interface RebuiltPrior extends PriorKey {
  prior: Prior;
  /** True when the receipts give the very numbers that are in use. */
  isSame: boolean;
}

/**
 * What a tenant's priors are when they are learnt again from the receipts of every run that taught, and which runs did
 * not; stores nothing.
 */
export async function rebuildPriors(
  { calibrations, calibrationAlpha }: Pick<Ports, "calibrations" | "calibrationAlpha">,
  tenant: string,
): Promise<{ priors: RebuiltPrior[]; unlearnt: UnlearntRun[] }> {
  return calibrations.transaction(async (session) => {
    const histories = new Map<string, { key: PriorKey; observations: Observation[] }>();
    for (const run of await session.taught(tenant)) {
      for (const { laneId, provider, observation } of await session.observe(run)) {
        const id = canonicalJson([laneId, provider]);
        const known = histories.get(id) ?? { key: { laneId, provider }, observations: [] };
        known.observations.push(observation);
        histories.set(id, known);
      }
    }
    const rebuilt: RebuiltPrior[] = [];
    for (const { key, observations } of histories.values()) {
      const prior = learnAll(observations, calibrationAlpha);
      const newest = await session.newest(tenant, key);
      rebuilt.push({ ...key, prior, isSame: canonicalJson(newest?.prior) === canonicalJson(prior) });
    }
    return { priors: rebuilt, unlearnt: await session.unlearnt(tenant) };
  });
}
