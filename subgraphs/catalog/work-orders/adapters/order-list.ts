import { sql, type Kysely, type RawBuilder } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type {
  OrderFilter,
  OrderListRequest,
  OrderSort,
  PlacedOrder,
  Visibility,
  WorkOrderPage,
} from "../operations/ports.ts";
import { isVisible } from "./queries.ts";
import { toWorkOrder, type WorkOrderRow } from "./rows.ts";

/** By what orders are sorted, as numbers; those without a planned start come after all that have one. */
const SORTS: Readonly<Record<OrderSort, RawBuilder<unknown>>> = {
  CREATED: sql`id::numeric`,
  UPDATED: sql`extract(epoch from updated_at)`,
  PRIORITY: sql`array_position(array['low', 'normal', 'high', 'critical'], priority)::numeric`,
  PLANNED_START: sql`coalesce(extract(epoch from planned_start_at), 1e15)`,
};

/** Orders that somebody may see, in an order of their choice; one more than the page takes. */
export async function pageOfOrders(
  db: Kysely<CatalogDatabase>,
  filter: Visibility & OrderFilter,
  { first, after, sort, isFalling }: OrderListRequest,
): Promise<WorkOrderPage<PlacedOrder>> {
  const { status, projectId, search } = filter;
  const value = SORTS[sort];
  const conditions = [isVisible(filter)];
  if (status !== undefined) conditions.push(sql`status = ${status}`);
  if (projectId !== undefined) conditions.push(sql`project_id = ${projectId}`);
  if (search !== undefined)
    conditions.push(sql`strpos(lower(concat_ws(' ', number, hull_id, product_sku)), lower(${search})) > 0`);
  const matching = sql`from catalog.work_orders where ${sql.join(conditions, sql` and `)}`;
  const [comparison, direction] = isFalling ? [sql`<`, sql`desc`] : [sql`>`, sql`asc`];
  const isBehind =
    after === undefined
      ? sql`true`
      : sql`(${value}, id) ${comparison} (${after.value}::numeric, ${after.id}::bigint)`;
  const [{ rows }, total] = await Promise.all([
    sql<
      WorkOrderRow & { place_value: string }
    >`select *, (${value})::text as place_value ${matching} and ${isBehind}
      order by ${value} ${direction}, id ${direction} limit ${first + 1}`.execute(db),
    sql<{ count: string }>`select count(*) ${matching}`.execute(db),
  ]);
  return {
    items: rows.map(({ place_value, ...row }) => ({
      ...toWorkOrder(row),
      place: { value: place_value, id: row.id },
    })),
    totalCount: Number(total.rows[0]?.count ?? 0),
  };
}
