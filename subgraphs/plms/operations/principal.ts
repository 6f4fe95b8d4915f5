import type { Caller } from "../../../lib/graphql-endpoint.ts";

/** On whose behalf a use case runs. */
export interface Principal {
  tenant: string;
  subject: string;
  correlationId: string;
}

export const principalOf = ({ identity, correlationId }: Caller): Principal => ({
  tenant: identity.tenant,
  subject: identity.subject,
  correlationId,
});
