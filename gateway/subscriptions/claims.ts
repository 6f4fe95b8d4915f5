import type { Identity } from "../../lib/identity.ts";

const SERVICE = "gateway-subscriptions";

/**
 * The identity under which a shared subscription runs: the claims that all its listeners have in common, and
 * nobody's token. What is left out cannot be observed by what runs.
 */
export function serviceIdentity(identity: Identity, { perSubject }: { perSubject: boolean }): Identity {
  const isOneself = perSubject || identity.subject === "anonymous";
  return {
    subject: isOneself ? identity.subject : SERVICE,
    scopes: sorted(identity.scopes),
    role: identity.role,
    departments: sorted(identity.departments),
    tenant: identity.tenant,
  };
}

const sorted = (values: readonly string[]) => [...new Set(values)].sort();
