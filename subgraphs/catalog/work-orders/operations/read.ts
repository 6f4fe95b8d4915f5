import { CodedError } from "../../../../lib/errors.ts";
import { checkedText } from "../../../kit/checked-input.ts";
import {
  type Connection,
  type PageArguments,
  connectionOf,
  numberedPage,
  pageRequest,
  strangeCursor,
} from "../../../kit/pagination.ts";
import { worksAt } from "../domain/access.ts";
import { type WorkOrder, currentStage } from "../domain/work-order.ts";
import type { Actor } from "../../audit/operations/actor.ts";
import { visibilityOf } from "./visibility.ts";
import type { WorkOrderStore } from "../ports.ts";
import type { OrderFilter, OrderSort, WorkOrderPage, WorkOrderVersion } from "./ports.ts";

/**
 * The orders with the given ids, in their order: null for what the tenant does not have, FORBIDDEN for what is at
 * a stage of a department that is not the operator's.
 */
export async function findWorkOrders(
  store: Pick<WorkOrderStore, "find">,
  actor: Actor,
  ids: readonly string[],
): Promise<(WorkOrder | null | CodedError)[]> {
  const orders = new Map((await store.find(actor.tenant, ids)).map((order) => [order.id, order]));
  return ids.map((id) => {
    const order = orders.get(id);
    if (!order) return null;
    const { department } = currentStage(order);
    if (worksAt(actor, department)) return order;
    const message = `Work order ${order.number} is the work of department ${JSON.stringify(department)} now, which is not yours`;
    return new CodedError("FORBIDDEN", message);
  });
}

interface ListInput extends PageArguments, OrderFilter {
  sort: OrderSort;
  isFalling: boolean;
}

const SEARCH_MAX = 200;
const PROJECT_MAX = 100;
/** The order of the list, the number that an order has in it, and its id. */
const PLACE = /^(\w{1,20}):(-?\d{1,20}(?:\.\d{1,6})?)\|([1-9]\d{0,17})$/;

/** @throws CodedError BAD_USER_INPUT for a bad page, a cursor of another order, or an endless text */
export async function listWorkOrders(
  store: Pick<WorkOrderStore, "page">,
  actor: Actor,
  { sort, isFalling, status, projectId, search, ...args }: ListInput,
): Promise<Connection<WorkOrder>> {
  if (search !== undefined) checkedText("search", search, { max: SEARCH_MAX });
  if (projectId !== undefined) checkedText("projectId", projectId, { max: PROJECT_MAX });
  const page = pageRequest(args);
  const [, of, value, id] = PLACE.exec(page.after ?? "") ?? [];
  if (page.after !== undefined && of !== sort) throw strangeCursor(args);
  const after = value === undefined || id === undefined ? undefined : { value, id };
  const filter = { ...visibilityOf(actor), status, projectId, search };
  const { items, totalCount } = await store.page(filter, { first: page.first, after, sort, isFalling });
  return connectionOf(items, page, { key: ({ place }) => `${sort}:${place.value}|${place.id}`, totalCount });
}

/** @throws CodedError BAD_USER_INPUT for a bad page */
export async function listWorkOrdersOfProjects(
  store: Pick<WorkOrderStore, "pagesOfProjects">,
  { actor, projectIds }: { actor: Actor; projectIds: readonly string[] },
  args: PageArguments,
): Promise<Connection<WorkOrder>[]> {
  const page = numberedPage(args);
  const pages = await store.pagesOfProjects({ ...visibilityOf(actor), projectIds }, page);
  const connection = ({ items, totalCount }: WorkOrderPage<WorkOrder>) =>
    connectionOf(items, page, { key: ({ id }) => id, totalCount });
  return projectIds.map((id) => connection(pages.get(id) ?? { items: [], totalCount: 0 }));
}

/** @throws CodedError BAD_USER_INPUT for a bad page */
export async function listVersions(
  store: Pick<WorkOrderStore, "pagesOfVersions">,
  orderIds: readonly string[],
  args: PageArguments,
): Promise<Connection<WorkOrderVersion>[]> {
  const page = numberedPage(args);
  const pages = await store.pagesOfVersions(orderIds, page);
  const connection = ({ items, totalCount }: WorkOrderPage<WorkOrderVersion>) =>
    connectionOf(items, page, { key: ({ number }) => String(number), totalCount });
  return orderIds.map((id) => connection(pages.get(id) ?? { items: [], totalCount: 0 }));
}
