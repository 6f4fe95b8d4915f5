import type { AuditEntry } from "../../../../lib/audit-entry.ts";
import type { PageRequest } from "../../../kit/pagination.ts";

/** An entry with its place in the log. */
export interface RecordedAuditEntry extends AuditEntry {
  seq: string;
}

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
