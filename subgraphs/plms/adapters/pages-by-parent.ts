import { sql, type Kysely, type RawBuilder } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { Page } from "../operations/ports.ts";

export interface PagesByParent<Row, T> {
  parentIds: readonly string[];
  parentType: "bigint" | "text";
  /** Selects the items of `parent.id` with a `page_position`, at most one more than the page takes. */
  items: RawBuilder<unknown>;
  /** Selects how many items `parent.id` has over all pages. */
  total: RawBuilder<unknown>;
  toItem(row: Row): T;
}

/**
 * A page for each of many parents in one statement: each parent reads no further than its own page, however
 * much the others have, and is counted once, not for each of its items.
 */
export async function pagesByParent<Row, T>(
  db: Kysely<PlmsDatabase>,
  spec: PagesByParent<Row, T>,
): Promise<Map<string, Page<T>>> {
  const { rows } = await sql<Row & { parent_id: string; total_count: number; page_position: string | null }>`
    with parent as materialized (
      select parent.id, (${spec.total})::int as total_count
      from unnest(${spec.parentIds}::${sql.raw(spec.parentType)}[]) as parent (id)
    )
    select parent.id::text as parent_id, parent.total_count, item.*
    from parent left join lateral (${spec.items}) as item on true
    order by parent.id, item.page_position`.execute(db);
  const pages = new Map<string, { items: T[]; totalCount: number }>();
  for (const row of rows) {
    const page = pages.get(row.parent_id) ?? { items: [], totalCount: row.total_count };
    if (row.page_position !== null) page.items.push(spec.toItem(row));
    pages.set(row.parent_id, page);
  }
  return pages;
}
