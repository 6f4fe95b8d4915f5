import type { Log } from "../../../lib/log.ts";
import { holds, type InvariantReport } from "../domain/invariants.ts";
import type { Ports } from "../ports.ts";

/** What holds and what does not, as of now. */
export async function checkInvariants(
  { invariants, clock }: Pick<Ports, "invariants" | "clock">,
  isStrict: boolean,
): Promise<InvariantReport> {
  return { isStrict, at: clock.now(), invariants: await invariants.check(isStrict) };
}

/** The same on its own: what does not hold is told to the log and to the metrics. */
export async function watchInvariants(
  ports: Pick<Ports, "invariants" | "clock" | "meter">,
  log: Log,
): Promise<void> {
  const { invariants } = await checkInvariants(ports, true);
  for (const invariant of invariants) {
    const { key, name, violations } = invariant;
    ports.meter.invariantChecked(key, violations.length);
    if (!holds(invariant)) log.error({ invariant: key, violations }, `an invariant is broken: ${name}`);
  }
}
