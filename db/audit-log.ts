import type { Kysely } from "kysely";
import type { AuditEntry } from "../lib/audit-entry.ts";
import { storable } from "../lib/storable.ts";
import type { Database } from "./tables.ts";

/** The logs that there are, each a chain of its own. */
export const AUDIT_LOGS = ["plms.audit_log", "catalog.audit_log"] as const;
export type AuditLogName = (typeof AUDIT_LOGS)[number];

/** Ids are indexed, and an index refuses what is too long. */
const LONGEST_ID = 256;

/**
 * Writes an entry, in the transaction of what it tells about when there is one; the database chains it at commit.
 * What was sent is made storable: nobody escapes the log by sending what the database refuses.
 */
export async function writeAudit(db: Kysely<Database>, log: AuditLogName, entry: AuditEntry): Promise<void> {
  await db
    .insertInto(log)
    .values({
      tenant: entry.tenant,
      actor: entry.actor,
      actor_role: entry.actorRole,
      token_id: entry.tokenId,
      action: entry.action,
      entity_type: entry.entityType,
      entity_id: storable(entry.entityId?.slice(0, LONGEST_ID) ?? null),
      outcome: entry.outcome,
      code: entry.code,
      correlation_id: entry.correlationId,
      payload: JSON.stringify(storable(entry.payload)),
      at: entry.at,
    })
    .execute();
}
