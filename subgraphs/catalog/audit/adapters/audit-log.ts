import type { PageRequest } from "../../../kit/pagination.ts";
import type { AuditPage, RecordedAuditEntry } from "../operations/ports.ts";
import type { Kysely, Selectable } from "kysely";
import { writeAudit } from "../../../../db/audit-log.ts";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { AuditEntry } from "../../../../lib/audit-entry.ts";

/** The audit log in `catalog.audit_log`, whose rows the database refuses to change, and chains by hash. */
export const createAuditLog = (db: Kysely<CatalogDatabase>) => ({
  record: (entry: AuditEntry): Promise<void> => recordAudit(db, entry),
  page: async (
    { tenant, entityId }: { tenant: string; entityId: string | undefined },
    { first, after }: PageRequest,
  ): Promise<AuditPage> => {
    const ofTenant = db.selectFrom("catalog.audit_log").where("tenant", "=", tenant);
    const matching = entityId === undefined ? ofTenant : ofTenant.where("entity_id", "=", entityId);
    const older = after === undefined ? matching : matching.where("seq", "<", after);
    const [rows, total] = await Promise.all([
      older
        .selectAll()
        .orderBy("seq", "desc")
        .limit(first + 1)
        .execute(),
      matching.select(({ fn }) => fn.countAll<string>().as("count")).executeTakeFirstOrThrow(),
    ]);
    return { items: rows.map(toEntry), totalCount: Number(total.count) };
  },
});

/** Writes an entry, in the transaction of what it tells about when there is one. */
export const recordAudit = (db: Kysely<CatalogDatabase>, entry: AuditEntry): Promise<void> =>
  writeAudit(db, "catalog.audit_log", entry);

const toEntry = (row: Selectable<CatalogDatabase["catalog.audit_log"]>): RecordedAuditEntry => ({
  seq: row.seq,
  tenant: row.tenant,
  actor: row.actor,
  actorRole: row.actor_role,
  tokenId: row.token_id,
  action: row.action,
  entityType: row.entity_type,
  entityId: row.entity_id,
  outcome: row.outcome,
  code: row.code,
  correlationId: row.correlation_id,
  payload: row.payload,
  at: row.at,
});
