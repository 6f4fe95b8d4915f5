import type { createAuditLog } from "./adapters/audit-log.ts";

export type AuditLog = ReturnType<typeof createAuditLog>;
