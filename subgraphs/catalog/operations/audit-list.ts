import { connectionOf, type Connection } from "../../../lib/pagination.ts";
import type { AuditLog, RecordedAuditEntry } from "./audit-ports.ts";
import { numberedPage, type PageArguments } from "./work-order-page.ts";

export interface ListAuditInput extends PageArguments {
  entityId?: string | null | undefined;
}

/**
 * A page of the tenant's audit log, newest first.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page
 */
export async function listAudit(
  audit: Pick<AuditLog, "page">,
  tenant: string,
  input: ListAuditInput,
): Promise<Connection<RecordedAuditEntry>> {
  const page = numberedPage(input);
  const { items, totalCount } = await audit.page({ tenant, entityId: input.entityId ?? undefined }, page);
  return connectionOf(items, page, { key: ({ seq }) => seq, totalCount });
}
