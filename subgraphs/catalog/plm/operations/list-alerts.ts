import { checkedText } from "../../../kit/checked-input.ts";
import {
  connectionOf,
  pageRequest,
  strangeCursor,
  type Connection,
  type PageArguments,
} from "../../../kit/pagination.ts";
import type { PlmAlerts } from "../ports.ts";
import type { AlertFilter, AlertSort, PlmAlert } from "./ports.ts";

interface ListInput extends PageArguments, AlertFilter {
  sort: AlertSort;
  isFalling: boolean;
}

const SEARCH_MAX = 200;
/** The order of the list, the id of an alert and the text that it has in that order. */
const PLACE = /^(\w{1,20}):([1-9]\d{0,17})\|(\w{0,200})$/;

/**
 * A page of alerts, those that are over included.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page or search text, and for a cursor of another order
 */
export async function listPlmAlerts(
  alerts: Pick<PlmAlerts, "page">,
  { search, state, severity, sort, isFalling, ...args }: ListInput,
): Promise<Connection<PlmAlert>> {
  if (typeof search === "string") checkedText("search", search, { max: SEARCH_MAX });
  const page = pageRequest(args);
  const [, of, id, value] = PLACE.exec(page.after ?? "") ?? [];
  if (page.after !== undefined && of !== sort) throw strangeCursor(args);
  const after = id === undefined || value === undefined ? undefined : { id, value };
  const request = { first: page.first, after, sort, isFalling };
  const { items, totalCount } = await alerts.page({ state, severity, search }, request);
  return connectionOf(items, page, { key: ({ place }) => `${sort}:${place.id}|${place.value}`, totalCount });
}
