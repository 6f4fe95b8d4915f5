import { runwayOf, type Runway } from "../domain/runway.ts";
import type { Ports } from "../ports.ts";
import { costBeliefs, costSpreads, loadPriors } from "./priors.ts";

/** The runway of each project as of now, in the order of the ids; null where there is no such project. */
export async function runwaysOf(
  ports: Pick<Ports, "runs" | "priors" | "clock">,
  projectIds: readonly string[],
): Promise<(Runway | null)[]> {
  const now = ports.clock.now();
  const ledgers = await ports.runs.ledgers(projectIds, now);
  const tenants = [...new Set([...ledgers.values()].map(({ tenant }) => tenant))];
  const priors = new Map(
    await Promise.all(tenants.map(async (tenant) => [tenant, await loadPriors(ports, tenant)] as const)),
  );
  return projectIds.map((id) => {
    const ledger = ledgers.get(id);
    const known = ledger && priors.get(ledger.tenant);
    if (!ledger || !known) return null;
    return runwayOf(ledger, {
      nowMs: now.getTime(),
      beliefOf: costBeliefs(known),
      spreadOf: costSpreads(known),
    });
  });
}
