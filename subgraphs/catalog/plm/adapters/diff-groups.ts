import { sql, type Kysely, type RawBuilder, type SqlBool } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { inside, outside } from "../../../kit/enums.ts";
import { SHARED, type DiffFilter, type DiffGrouping } from "../domain/diff-filter.ts";
import type { Acknowledgement, DiffGroup } from "../operations/ports.ts";
import { toDiff } from "./diff-rows.ts";

/** What differs, like `partNumber`: the last piece of a path. */
const FIELD = sql<string>`substring(path from '[^.]*$')`;
/** What comes behind the model in a path. */
const REST = sql<string>`substr(path, length(model_code) + 2)`;
/** The section of the bill of materials, or what else of a model it is about. */
const PLACE = sql<string>`(case
  when ${REST} like 'bom.%' then split_part(split_part(substr(${REST}, 5), '/', 1), '.', 1)
  when strpos(${REST}, '.') > 0 then split_part(${REST}, '.', 1)
  else 'model' end)`;

const COLUMNS = {
  severity: sql<string>`severity`,
  kind: sql<string>`kind`,
  modelCode: sql<string>`model_code`,
  place: PLACE,
  field: FIELD,
  mrp: sql<string>`mrp_value`,
  plm: sql<string>`plm_value`,
} as const;

type Column = keyof typeof COLUMNS;

const isGiven = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

/** A filter as a condition. */
export function conditionOf(filter: DiffFilter): RawBuilder<SqlBool> {
  const { search, isOpen, severity, kind, ...texts } = filter;
  const equal = { ...texts, severity: severity && inside(severity), kind: kind && inside(kind) };
  const conditions = (Object.entries(equal) as [Column, string | null | undefined][])
    .filter(([, value]) => isGiven(value))
    .map(([column, value]) => sql`${COLUMNS[column]} = ${value}`);
  if (isGiven(search)) conditions.push(sql`strpos(lower(path), lower(${search})) > 0`);
  if (isGiven(isOpen)) conditions.push(sql`(classification is null) = ${isOpen}`);
  return conditions.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`${sql.join(conditions, sql` and `)}`;
}

export interface GroupsRequest {
  by: DiffGrouping;
  filter: DiffFilter;
  first: number;
  /** How many groups come before. */
  from: number;
}

interface GroupRow extends Partial<Record<Column, string | null>> {
  lines: string;
  open: string;
  models: string;
  last_seen_at: Date;
  newest: string;
}

type Found = Omit<DiffGroup, "example"> & { newestId: string };

/** Groups of differences, the largest first; one more than `first` tells that there is a next page. */
export async function readGroups(
  db: Kysely<CatalogDatabase>,
  request: GroupsRequest,
): Promise<{ items: DiffGroup[]; totalCount: number }> {
  const { groups, totalCount } = await findGroups(db, request);
  const ids = groups.map(({ newestId }) => newestId);
  if (ids.length === 0) return { items: [], totalCount };
  const rows = await db.selectFrom("catalog.shadow_diffs").selectAll().where("id", "in", ids).execute();
  const byId = new Map(rows.map((row) => [row.id, toDiff(row)]));
  const items = groups.flatMap(({ newestId, ...group }) => {
    const example = byId.get(newestId);
    return example ? [{ ...group, example }] : [];
  });
  return { items, totalCount };
}

async function findGroups(
  db: Kysely<CatalogDatabase>,
  { by, filter, first, from }: GroupsRequest,
): Promise<{ groups: Found[]; totalCount: number }> {
  const columns: readonly Column[] = SHARED[by];
  const shared = sql.join(columns.map((name) => sql`${COLUMNS[name]} as ${sql.ref(name)}`));
  const { rows } = await sql<GroupRow & { total: string }>`
    select groups.*, count(*) over () as total from (
      select ${shared}, count(*) as lines, count(*) filter (where classification is null) as open,
        count(distinct model_code) as models, max(last_seen_at) as last_seen_at, max(id) as newest
      from catalog.shadow_diffs where ${conditionOf(filter)}
      group by ${sql.join(columns.map((_, index) => sql.raw(String(index + 1))))}) as groups
    order by lines desc, newest desc limit ${first + 1} offset ${from}`.execute(db);
  return { groups: rows.map(toGroup), totalCount: Number(rows[0]?.total ?? 0) };
}

function toGroup({ kind, severity, ...row }: GroupRow): Found {
  return {
    kind: kind ? outside(kind as "value" | "missing_in_plm" | "missing_in_mrp") : null,
    severity: severity ? outside(severity as "critical" | "major" | "minor") : null,
    field: row.field ?? null,
    modelCode: row.modelCode ?? null,
    place: row.place ?? null,
    mrp: row.mrp ?? null,
    plm: row.plm ?? null,
    lines: Number(row.lines),
    open: Number(row.open),
    models: Number(row.models),
    lastSeenAt: row.last_seen_at,
    newestId: row.newest,
  };
}

export interface MeantDiffs {
  filter: DiffFilter;
  expectedCount: number;
}

/** How many the filter finds; they are classified only when there are as many as expected. */
export const acknowledgeAll = (
  db: Kysely<CatalogDatabase>,
  { filter, expectedCount }: MeantDiffs,
  { classification, note, by, at }: Acknowledgement,
): Promise<number> =>
  db.transaction().execute(async (trx) => {
    const all = trx.selectFrom("catalog.shadow_diffs").where(conditionOf(filter));
    const meant = await all
      .select("id")
      .orderBy("id")
      .limit(expectedCount + 1)
      .forUpdate()
      .execute();
    if (meant.length > expectedCount) {
      const { count } = await all.select(({ fn }) => fn.countAll().as("count")).executeTakeFirstOrThrow();
      return Number(count);
    }
    if (meant.length === expectedCount)
      await sql`update catalog.shadow_diffs set classification = ${inside(classification)}, note = ${note},
        acknowledged_by = ${by}, acknowledged_at = ${at}
        where id = any(${meant.map(({ id }) => id)}::bigint[])`.execute(trx);
    return meant.length;
  });
