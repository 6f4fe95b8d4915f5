import type { Clock } from "../../../../lib/clock.ts";
import { CodedError, badInput } from "../../../../lib/errors.ts";
import { type LegacyCaller, retirementProblems } from "../domain/retirement.ts";
import type { LegacyRetirement, LegacyUsage } from "../ports.ts";
import {
  type AttemptPorts,
  attemptAudited,
  checkReason,
  successOf,
} from "../../audit/operations/attempts.ts";
import type { Actor } from "../../audit/operations/actor.ts";

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
  /** When the API was retired; null while it is not. */
  retiredAt: Date | null;
  plmIsSourceOfTruth: boolean;
  retentionMonths: number;
}

const DAY_MS = 86_400_000;
const DAYS_MAX = 365;
const SHOWN_MAX = 100;

/**
 * Whether the legacy API and its tables may be retired: nothing was read for some days, and nothing changes any more.
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

export interface RetireInput {
  retired: boolean;
  reason: string;
  /** Days without a read that a retirement needs, today included; 1-365. */
  days: number;
}

const ACTION = "setLegacyApiRetired";

/**
 * Retires the legacy product API for every replica, or takes that back.
 *
 * @throws CodedError BAD_USER_INPUT; CONFLICT while it is still read, or the tables may still change
 */
export async function setLegacyRetired(
  ports: AttemptPorts & { legacy: LegacyPorts },
  actor: Actor,
  input: RetireInput,
): Promise<LegacyStatus> {
  const { legacy, clock } = ports;
  const attempt = { action: ACTION, entityType: "LegacyApi", entityId: null, payload: { input } };
  return attemptAudited(ports, { actor, attempt }, async () => {
    checkReason("reason", input.reason, { isNeeded: true });
    const { mayRetire, blocking } = await legacyStatus(legacy, input.days);
    if (input.retired && !mayRetire)
      throw new CodedError("CONFLICT", `The legacy product API cannot be retired: ${blocking.join("; ")}`);
    const at = clock.now();
    await legacy.retirement.set(input.retired ? at : null);
    await ports.audit.record({ ...successOf(actor, attempt), entityId: null, at });
    return legacyStatus(legacy, input.days);
  });
}
