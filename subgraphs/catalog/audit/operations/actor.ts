import type { Caller } from "../../../../lib/graphql-endpoint.ts";
import type { Identity } from "../../../../lib/identity.ts";

/** On whose behalf a use case runs. */
export interface Actor extends Pick<Identity, "tenant" | "subject" | "role" | "departments"> {
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
