import type { Clock } from "../../../lib/clock.ts";
import { badInput } from "../../../lib/errors.ts";
import { statisticsOf, type PlmStatistics } from "../domain/plm-health.ts";
import type { Observations, ObservedStep } from "./watch-ports.ts";

/** How the PLM did in one step of the history. */
export interface PlmHistoryPoint extends PlmStatistics {
  from: Date;
  /** The end of the step, or now in the last one. */
  to: Date;
}

const LONGEST_HOURS = 336;
/** As many points as a chart shows well; an hour then has one a minute. */
const STEPS = 60;
const MINUTE_MS = 60_000;
const METRICS = ["call", "latency", "read", "comparison", "issue"] as const;

/**
 * The last hours in sixty steps of equal length, oldest first; the last one is still going on.
 *
 * @throws CodedError BAD_USER_INPUT for a span outside 1-336 hours
 */
export async function readPlmHistory(
  { observations, clock }: { observations: Observations; clock: Clock },
  hours: number,
): Promise<PlmHistoryPoint[]> {
  if (hours < 1 || hours > LONGEST_HOURS)
    throw badInput("hours", hours, `an integer from 1 to ${LONGEST_HOURS}`);
  const now = clock.now().getTime();
  const stepMinutes = (hours * 60) / STEPS;
  const thisMinute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const since = thisMinute - (STEPS * stepMinutes - 1) * MINUTE_MS;
  const counted = await observations.series(METRICS, { since: new Date(since), stepMinutes });
  const byStep = Map.groupBy(counted, ({ step }: ObservedStep) => step);
  return Array.from({ length: STEPS }, (_, step) => {
    const from = since + step * stepMinutes * MINUTE_MS;
    const to = Math.min(now, from + stepMinutes * MINUTE_MS);
    return { from: new Date(from), to: new Date(to), ...statisticsOf(byStep.get(step) ?? []) };
  });
}
