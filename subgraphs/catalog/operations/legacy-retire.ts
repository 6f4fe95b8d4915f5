import { badInput, CodedError } from "../../../lib/errors.ts";
import { attemptAudited, successOf, type AttemptPorts } from "./audit-attempts.ts";
import { legacyStatus, type LegacyPorts, type LegacyStatus } from "./legacy-status.ts";
import type { Actor } from "./work-order-actor.ts";

export interface RetireInput {
  retired: boolean;
  reason: string;
  /** Days without a read that a retirement needs, today included; 1-365. */
  days: number;
}

const ACTION = "setLegacyApiRetired";
const REASON_MAX = 500;

/**
 * Retires the legacy product API for every replica, or takes that back.
 *
 * @throws CodedError BAD_USER_INPUT; CONFLICT while somebody still reads, or the tables may still change
 */
export async function setLegacyRetired(
  ports: AttemptPorts & { legacy: LegacyPorts },
  actor: Actor,
  input: RetireInput,
): Promise<LegacyStatus> {
  const { legacy, clock } = ports;
  const attempt = { action: ACTION, entityType: "LegacyApi", entityId: null, payload: { input } };
  return attemptAudited(ports, { actor, attempt }, async () => {
    if (input.reason.trim() === "" || input.reason.length > REASON_MAX)
      throw badInput("reason", input.reason, `text of 1 to ${REASON_MAX} characters`);
    const { mayRetire, blocking } = await legacyStatus(legacy, input.days);
    if (input.retired && !mayRetire)
      throw new CodedError("CONFLICT", `The legacy product API cannot be retired: ${blocking.join("; ")}`);
    const at = clock.now();
    await legacy.retirement.set(input.retired ? at : null);
    await ports.audit.record({ ...successOf(actor, attempt), entityId: null, at });
    return legacyStatus(legacy, input.days);
  });
}
