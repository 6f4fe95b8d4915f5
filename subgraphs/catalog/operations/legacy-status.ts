import type { Clock } from "../../../lib/clock.ts";
import { badInput } from "../../../lib/errors.ts";
import { retirementProblems, type LegacyCaller } from "../domain/legacy-retirement.ts";
import type { LegacyRetirement, LegacyUsage } from "./legacy-ports.ts";

export interface LegacyPorts {
  usage: LegacyUsage;
  retirement: LegacyRetirement;
  clock: Clock;
  settings: { mode: "warn" | "gone"; plmIsSourceOfTruth: boolean; retentionMonths: number };
}

export interface LegacyStatus {
  mayRetire: boolean;
  blocking: readonly string[];
  since: Date;
  reads: number;
  callers: readonly LegacyCaller[];
  mode: "warn" | "gone";
  /** When somebody retired the API; null while nobody has. */
  retiredAt: Date | null;
  plmIsSourceOfTruth: boolean;
  retentionMonths: number;
}

const DAY_MS = 86_400_000;
const DAYS_MAX = 365;
const SHOWN_MAX = 100;

/**
 * Whether the legacy API and its tables may be retired: nobody read for some days, and nothing changes any more.
 *
 * @param days to look back, today included
 * @throws CodedError BAD_USER_INPUT when `days` is outside 1-365
 */
export async function legacyStatus(ports: LegacyPorts, days: number): Promise<LegacyStatus> {
  if (days < 1 || days > DAYS_MAX) throw badInput("days", days, `an integer from 1 to ${DAYS_MAX}`);
  const since = startOfDay(new Date(ports.clock.now().getTime() - (days - 1) * DAY_MS));
  const callers = await ports.usage.since(since);
  const retiredAt = await ports.retirement.retiredAt();
  const blocking = retirementProblems(callers, { ...ports.settings, days });
  return {
    ...ports.settings,
    mode: retiredAt === null ? ports.settings.mode : "gone",
    retiredAt,
    mayRetire: blocking.length === 0,
    blocking: blocking.slice(0, SHOWN_MAX),
    since,
    reads: callers.reduce((sum, { reads }) => sum + reads, 0),
    callers: callers.slice(0, SHOWN_MAX),
  };
}

const startOfDay = (at: Date) => new Date(`${at.toISOString().slice(0, 10)}T00:00:00Z`);
