import { runwayOf, type Runway } from "../domain/runway.ts";
import type { Ports } from "./ports.ts";
import { costBeliefs, loadPriors } from "./priors.ts";

/** The runway of each project as of now, in the order of the ids; null where there is no such project. */
export async function runwaysOf(
  ports: Pick<Ports, "runs" | "priors" | "clock">,
  projectIds: readonly string[],
): Promise<(Runway | null)[]> {
  const now = ports.clock.now();
  const ledgers = await ports.runs.ledgers(projectIds, now);
  const tenants = [...new Set([...ledgers.values()].map(({ tenant }) => tenant))];
  const beliefs = new Map(
    await Promise.all(
      tenants.map(async (tenant) => [tenant, costBeliefs(await loadPriors(ports, tenant))] as const),
    ),
  );
  return projectIds.map((id) => {
    const ledger = ledgers.get(id);
    const beliefOf = ledger && beliefs.get(ledger.tenant);
    return ledger && beliefOf ? runwayOf(ledger, { nowMs: now.getTime(), beliefOf }) : null;
  });
}
