import type { Clock } from "../../lib/clock.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Identity } from "../../lib/identity.ts";
import { limitKey } from "../limits/limit-key.ts";

/** Who stands behind a connection, and for how long. */
export interface Session {
  identity: Identity;
  /** When the identity ends, in monotonic milliseconds; infinity when it does not. */
  deadlineMs: number;
  /** What limits count by: the subject, or the address of those who have no name. */
  quotaKey: string;
  /** In which epoch of permits the identity was last found to hold. */
  holdsInEpoch: number | undefined;
  /** The credential itself, to verify it again. */
  authorization: unknown;
  /** What rules pass on to subgraphs of the headers that came with it. */
  clientHeaders: Caller["clientHeaders"];
}

/** Durations run on a clock that never jumps, whatever the wall clock does later. */
export function openSession(
  identity: Identity,
  from: {
    authorization: unknown;
    address: string;
    clock: Clock;
    clientHeaders: Caller["clientHeaders"];
  },
): Session {
  return {
    identity,
    authorization: from.authorization,
    clientHeaders: from.clientHeaders,
    holdsInEpoch: undefined,
    deadlineMs: deadlineOf(identity, from.clock),
    quotaKey: limitKey(identity, from.address),
  };
}

/**
 * Extends a session by a newer token of the same subject and tenant.
 *
 * @returns why not, when the token is another's or ends no later
 */
export function renew(
  session: Session,
  token: { identity: Identity; authorization: unknown },
  clock: Clock,
): string | undefined {
  const { subject, tenant } = session.identity;
  if (token.identity.subject !== subject || token.identity.tenant !== tenant)
    return "The token belongs to another subject or tenant";
  const deadlineMs = deadlineOf(token.identity, clock);
  if (deadlineMs <= session.deadlineMs) return "The token ends no later than the one in use";
  session.identity = token.identity;
  session.authorization = token.authorization;
  const { clientHeaders } = session;
  if (clientHeaders?.["authorization"] !== undefined)
    session.clientHeaders = { ...clientHeaders, authorization: String(token.authorization) };
  session.deadlineMs = deadlineMs;
  session.holdsInEpoch = undefined;
  return undefined;
}

function deadlineOf({ expiresAtSeconds }: Identity, clock: Clock): number {
  if (expiresAtSeconds === undefined) return Number.POSITIVE_INFINITY;
  return clock.monotonicMs() + expiresAtSeconds * 1000 - clock.now().getTime();
}
