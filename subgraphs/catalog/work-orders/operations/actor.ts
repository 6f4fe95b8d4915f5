import { CodedError } from "../../../../lib/errors.ts";
import type { Caller } from "../../../../lib/graphql-endpoint.ts";
import { isPlanner, type Person } from "../domain/access.ts";
import type { Visibility } from "./ports.ts";

/** On whose behalf a use case runs. */
export interface Actor extends Person {
  tenant: string;
  subject: string;
  /** The token's own id; null for callers without one. */
  tokenId: string | null;
  correlationId: string;
}

export const actorOf = ({ identity, correlationId }: Caller): Actor => ({
  tenant: identity.tenant,
  subject: identity.subject,
  tokenId: identity.tokenId ?? null,
  role: identity.role,
  departments: identity.departments,
  correlationId,
});

/** @throws CodedError FORBIDDEN for an operator */
export function requirePlanner(actor: Actor, verb: "create" | "change" | "restore"): void {
  if (isPlanner(actor)) return;
  throw new CodedError("FORBIDDEN", `Only a supervisor or an administrator may ${verb} work orders`);
}

/** Operators see what is at a stage of their departments. */
export const visibilityOf = (actor: Actor): Visibility => ({
  tenant: actor.tenant,
  departments: isPlanner(actor) ? undefined : actor.departments,
});
