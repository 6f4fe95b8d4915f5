import { isErrorCode } from "../../../lib/errors.ts";
import type { AuditEntryResolvers, ErrorCode, QueryResolvers } from "../generated/resolver-types.ts";
import { listAudit } from "../operations/audit-list.ts";

export const auditQueries: QueryResolvers = {
  auditLog: (_parent, args, { work, actor }) => listAudit(work.orders.audit, actor.tenant, args),
};

export const AuditEntry: AuditEntryResolvers = {
  code: ({ code }) => (isErrorCode(code) ? (code as ErrorCode) : null),
};
