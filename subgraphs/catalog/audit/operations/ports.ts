import type { AuditEntry } from "../../../../lib/audit-entry.ts";

/** An entry with its place in the log. */
export interface RecordedAuditEntry extends AuditEntry {
  seq: string;
}

export interface AuditPage {
  /** Newest first, one more than the page takes. */
  items: readonly RecordedAuditEntry[];
  totalCount: number;
}
