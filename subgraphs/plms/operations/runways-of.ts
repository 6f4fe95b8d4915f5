import { runwayOf, type Runway } from "../domain/runway.ts";
import type { Ports } from "./ports.ts";

/** The runway of each project as of now, in the order of the ids; null where there is no such project. */
export async function runwaysOf(
  { runs, clock }: Pick<Ports, "runs" | "clock">,
  projectIds: readonly string[],
): Promise<(Runway | null)[]> {
  const ledgers = await runs.ledgers(projectIds);
  const nowMs = clock.now().getTime();
  return projectIds.map((id) => {
    const ledger = ledgers.get(id);
    return ledger ? runwayOf(ledger, nowMs) : null;
  });
}
