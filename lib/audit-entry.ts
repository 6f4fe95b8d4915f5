import type { Role } from "./identity.ts";

/** Who did something, or was refused it; what every audit log keeps. */
export interface AuditEntry {
  tenant: string;
  actor: string;
  actorRole: Role;
  /** The token's own id (`jti`); null for callers without one. */
  tokenId: string | null;
  /** The mutation, as in the schema. */
  action: string;
  entityType: string;
  entityId: string | null;
  outcome: "succeeded" | "denied";
  /** The error code of a denied attempt. */
  code: string | null;
  correlationId: string;
  /** What was asked and what came of it; plain data. */
  payload: Readonly<Record<string, unknown>>;
  at: Date;
}
