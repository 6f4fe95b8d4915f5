import type { GraphQLError } from "graphql";
import type { Identity } from "../../lib/identity.ts";
import { refusals, type Asked } from "./authorise.ts";
import type { Generations } from "../generations/generations.ts";
import { REVOKED, type Revocations } from "../identity/revocations.ts";
import type { Session } from "./session.ts";

/** What callers may have, asked again for every event and therefore made to be remembered. */
export interface Permits {
  /** While it stays the same, so does every decision: it changes with the supergraph and the list of revoked tokens. */
  readonly epoch: number;
  isRevoked(identity: Identity): boolean;
  /** Why a caller may not have what an operation asks for. */
  refusals(asked: Asked, identity: Identity): readonly GraphQLError[];
}

export function createPermits(
  generations: Generations,
  revocations: Pick<Revocations, "isRevoked" | "onChange">,
): Permits {
  let epoch = 0;
  const begin = () => {
    epoch += 1;
  };
  generations.onChange(begin);
  revocations.onChange(begin);
  return {
    get epoch() {
      return epoch;
    },
    isRevoked: (identity) => revocations.isRevoked(identity),
    refusals: (asked, identity) => refusals(asked, identity, generations.current().supergraph),
  };
}

/** Why everything on a connection is over. */
export interface SessionEnd {
  reason: "expired" | "revoked";
  problem: string;
}

const EXPIRED: SessionEnd = { reason: "expired", problem: "The token has expired" };

/** Whether a session holds at `nowMs`; two comparisons, unless something has changed since it was found to hold. */
export function endOf(session: Session, nowMs: number, permits: Permits): SessionEnd | undefined {
  if (nowMs >= session.deadlineMs) return EXPIRED;
  if (session.holdsInEpoch === permits.epoch) return undefined;
  if (permits.isRevoked(session.identity)) return { reason: "revoked", problem: REVOKED };
  session.holdsInEpoch = permits.epoch;
  return undefined;
}
