import type { PageRequest } from "../../../lib/pagination.ts";
import type { AuditEntry, RecordedAuditEntry } from "../domain/audit.ts";

interface AuditPage {
  /** Newest first, one more than the page takes. */
  items: readonly RecordedAuditEntry[];
  totalCount: number;
}

/** The audit log; entries of mutations that succeed are written by their own transaction. */
export interface AuditLog {
  record(entry: AuditEntry): Promise<void>;
  page(filter: { tenant: string; entityId: string | undefined }, page: PageRequest): Promise<AuditPage>;
}
