import type { Kysely } from "kysely";
import { storable } from "./storable.ts";
import type { Database } from "./tables.ts";

/** The logs that there are, each a chain of its own. */
export const AUDIT_LOGS = ["plms.audit_log", "catalog.audit_log"] as const;
export type AuditLogName = (typeof AUDIT_LOGS)[number];

/** Who did what, or was refused it. */
export interface AuditRow {
  tenant: string;
  actor: string;
  actorRole: "operator" | "supervisor" | "admin";
  /** The token's own id (`jti`); null for callers without one. */
  tokenId: string | null;
  action: string;
  entityType: string;
  entityId: string | null;
  outcome: "succeeded" | "denied";
  code: string | null;
  correlationId: string;
  payload: Readonly<Record<string, unknown>>;
  at: Date;
}

/** Ids are indexed, and an index refuses what is too long. */
const LONGEST_ID = 256;

/**
 * Writes a row, in the transaction of what it tells about when there is one; the database chains it at commit.
 * What was sent is made storable: nobody escapes the log by sending what the database refuses.
 */
export async function writeAudit(db: Kysely<Database>, log: AuditLogName, row: AuditRow): Promise<void> {
  await db
    .insertInto(log)
    .values({
      tenant: row.tenant,
      actor: row.actor,
      actor_role: row.actorRole,
      token_id: row.tokenId,
      action: row.action,
      entity_type: row.entityType,
      entity_id: storable(row.entityId?.slice(0, LONGEST_ID) ?? null),
      outcome: row.outcome,
      code: row.code,
      correlation_id: row.correlationId,
      payload: JSON.stringify(storable(row.payload)),
      at: row.at,
    })
    .execute();
}
