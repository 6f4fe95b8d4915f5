/** Who did something, or was refused it. */
export interface AuditEntry {
  tenant: string;
  actor: string;
  actorRole: "operator" | "supervisor" | "admin";
  /** The token's own id; null for callers without one. */
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

/** An entry with its place in the log. */
export interface RecordedAuditEntry extends AuditEntry {
  seq: string;
}
