import { isRowId } from "../../../kit/row-id.ts";
import { sql, type Expression, type Kysely, type SqlBool } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { PageRequest } from "../../../kit/pagination.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import type { Visibility, WorkOrderPage, WorkOrderVersion } from "../operations/ports.ts";
import { toVersion, toWorkOrder, type WorkOrderRow } from "./rows.ts";

export async function findOrders(
  db: Kysely<CatalogDatabase>,
  tenant: string,
  ids: readonly string[],
): Promise<WorkOrder[]> {
  const rowIds = ids.filter(isRowId);
  if (rowIds.length === 0) return [];
  const rows = await db
    .selectFrom("catalog.work_orders")
    .selectAll()
    .where("tenant", "=", tenant)
    .where("id", "in", rowIds)
    .execute();
  return rows.map(toWorkOrder);
}

/** A page for each project in one statement. */
export async function pagesOfProjects(
  db: Kysely<CatalogDatabase>,
  { projectIds, ...visibility }: Visibility & { projectIds: readonly string[] },
  { first, after }: PageRequest,
): Promise<ReadonlyMap<string, WorkOrderPage<WorkOrder>>> {
  const own = sql`from catalog.work_orders where project_id = parent.id and ${isVisible(visibility)}`;
  const older = after === undefined ? sql`true` : sql`id < ${after}`;
  const { rows } = await sql<{ parent_id: string; total_count: number; item: WorkOrderRow | null }>`
    select parent.id as parent_id, (select count(*)::int ${own}) as total_count, page.*
    from unnest(${projectIds}::text[]) as parent (id)
    left join lateral (select * ${own} and ${older} order by id desc limit ${first + 1}) as page on true
    order by parent.id, page.id desc`.execute(db);
  return pagesBy(rows as unknown as Joined<WorkOrderRow>[], toWorkOrder);
}

export async function findVersion(
  db: Kysely<CatalogDatabase>,
  { tenant, id }: { tenant: string; id: string },
  number: number,
): Promise<WorkOrderVersion | undefined> {
  if (!isRowId(id)) return undefined;
  const row = await db
    .selectFrom("catalog.work_order_versions as version")
    .innerJoin("catalog.work_orders as parent", "parent.id", "version.work_order_id")
    .selectAll("version")
    .where("parent.tenant", "=", tenant)
    .where("version.work_order_id", "=", id)
    .where("version.number", "=", number)
    .executeTakeFirst();
  return row && toVersion(row);
}

/** A page for each order in one statement. */
export async function pagesOfVersions(
  db: Kysely<CatalogDatabase>,
  ids: readonly string[],
  { first, after }: PageRequest,
): Promise<ReadonlyMap<string, WorkOrderPage<WorkOrderVersion>>> {
  const older = after === undefined ? sql`true` : sql`number < ${after}::bigint`;
  const { rows } = await sql`
    select parent.id::text as parent_id, page.*, page.work_order_id as id,
      (select count(*)::int from catalog.work_order_versions where work_order_id = parent.id) as total_count
    from unnest(${ids}::bigint[]) as parent (id)
    left join lateral (
      select * from catalog.work_order_versions where work_order_id = parent.id and ${older}
      order by number desc limit ${first + 1}) as page on true
    order by parent.id, page.number desc`.execute(db);
  return pagesBy(rows as unknown as Joined<Parameters<typeof toVersion>[0] & { id: string }>[], toVersion);
}

type Joined<Row> = Row & { parent_id: string; total_count: number };

/** Rows of parents that have nothing carry no item. */
function pagesBy<Row extends { id: string }, T>(
  rows: readonly Joined<Row>[],
  toItem: (row: Row) => T,
): ReadonlyMap<string, WorkOrderPage<T>> {
  const byParent = Map.groupBy(rows, ({ parent_id }) => parent_id);
  return new Map(
    [...byParent].map(([parentId, ofParent]) => {
      const items = ofParent.filter((row) => row.id !== null).map(toItem);
      return [parentId, { items, totalCount: ofParent[0]?.total_count ?? 0 }];
    }),
  );
}

/** What somebody may see. */
export function isVisible({ tenant, departments }: Visibility): Expression<SqlBool> {
  const ofTenant = sql`tenant = ${tenant}`;
  if (departments === undefined) return sql<SqlBool>`${ofTenant}`;
  return sql<SqlBool>`(${ofTenant} and current_department_id in
    (select id from catalog.departments where name = any(${departments}::text[])))`;
}
