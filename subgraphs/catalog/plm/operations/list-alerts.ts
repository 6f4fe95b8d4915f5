import { checkedText } from "../../../kit/checked-input.ts";
import { connectionOf, numberedPage, type Connection, type PageArguments } from "../../../kit/pagination.ts";
import type { PlmAlerts } from "../ports.ts";
import type { AlertFilter, PlmAlert } from "./ports.ts";

const SEARCH_MAX = 200;

/**
 * A page of alerts, newest first, those that are over included.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page or search text
 */
export async function listPlmAlerts(
  alerts: Pick<PlmAlerts, "page">,
  { search, state, severity, ...args }: PageArguments & AlertFilter,
): Promise<Connection<PlmAlert>> {
  if (typeof search === "string") checkedText("search", search, { max: SEARCH_MAX });
  const page = numberedPage(args);
  const { items, totalCount } = await alerts.page({ state, severity, search }, page);
  return connectionOf(items, page, { key: ({ id }) => id, totalCount });
}
