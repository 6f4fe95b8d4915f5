import { connectionOf, numberedPage, type Connection, type PageArguments } from "../../kit/pagination.ts";
import type { Alert, AlertKind } from "../domain/budget-alerts.ts";
import type { Ports } from "../ports.ts";
import type { AlertGroup } from "./ports.ts";

export interface ListedAlerts extends Connection<Alert> {
  groups: AlertGroup[];
}

/**
 * Alerts of the tenant, newest first, and how many there are of each kind.
 *
 * @throws CodedError BAD_USER_INPUT
 */
export async function listAlerts(
  { alerts }: Pick<Ports, "alerts">,
  tenant: string,
  args: PageArguments & {
    state?: Alert["state"] | null | undefined;
    kind?: AlertKind | null | undefined;
    projectId?: string | undefined;
  },
): Promise<ListedAlerts> {
  const page = numberedPage(args);
  const { projectId } = args;
  const state = args.state ?? undefined;
  const [{ items, totalCount }, groups] = await Promise.all([
    alerts.page(tenant, { state, projectId, kind: args.kind ?? undefined }, page),
    alerts.groups(tenant, { state, projectId, kind: undefined }),
  ]);
  return { ...connectionOf(items, page, { key: ({ id }) => id, totalCount }), groups };
}
