import type { Acknowledgement, DiffGroup, ModelComparison, ShadowDiff } from "../operations/ports.ts";
import type { DiffFilter } from "../domain/diff-filter.ts";
import type { FieldDiff } from "../domain/shadow-diff.ts";
import { inside } from "../../../kit/enums.ts";
import {
  acknowledgeAll,
  conditionOf,
  readGroups,
  type GroupsRequest,
  type MeantDiffs,
} from "./diff-groups.ts";
import { toDiff, toRow, type DiffRow } from "./diff-rows.ts";
import { sql, type Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";

interface PageOfDiffs {
  first: number;
  after: string | undefined;
  filter: DiffFilter;
}

/** Differences in `catalog.shadow_diffs`, one row for each however often it is seen. */
export function createShadowDiffs(db: Kysely<CatalogDatabase>) {
  return {
    /** Adds to what is known of each difference and answers all of that. */
    record: async (
      diffs: readonly FieldDiff[],
      { correlationId, at }: { correlationId: string; at: Date },
    ): Promise<ShadowDiff[]> => {
      const rows: DiffRow[] = [];
      for (let from = 0; from < diffs.length; from += ROWS_AT_ONCE) {
        const some = diffs.slice(from, from + ROWS_AT_ONCE).map((diff) => toRow(diff, { correlationId, at }));
        rows.push(...(await upsert(db, some)));
      }
      return rows.map(toDiff);
    },
    byId: async (id: string): Promise<ShadowDiff | undefined> => {
      const row = await db
        .selectFrom("catalog.shadow_diffs")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirst();
      return row && toDiff(row);
    },
    /** Newest first; one item more than `first` tells that there is a next page. */
    page: (request: PageOfDiffs): Promise<{ items: ShadowDiff[]; totalCount: number }> =>
      readPage(db, request),
    acknowledge: async (
      id: string,
      { classification, note, by, at }: Acknowledgement,
    ): Promise<ShadowDiff | undefined> => {
      const row = await db
        .updateTable("catalog.shadow_diffs")
        .set({
          classification: inside(classification),
          note,
          acknowledged_by: by,
          acknowledged_at: at,
        })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirst();
      return row && toDiff(row);
    },
    /** One group more than `first` tells that there is a next page. */
    groups: (request: GroupsRequest): Promise<{ items: DiffGroup[]; totalCount: number }> =>
      readGroups(db, request),
    /** How many the filter finds; they are classified only when there are as many as expected. */
    acknowledgeAll: (meant: MeantDiffs, acknowledgement: Acknowledgement): Promise<number> =>
      acknowledgeAll(db, meant, acknowledgement),
    /** Critical differences that were seen at least twice, the last time since then, and are not marked as expected. */
    confirmedCritical: async (since: Date): Promise<number> => {
      const { count } = await db
        .selectFrom("catalog.shadow_diffs")
        .select(({ fn }) => fn.countAll().as("count"))
        .where("severity", "=", "critical")
        .where("occurrences", ">=", "2")
        .where("last_seen_at", ">=", since)
        .where((eb) => eb.or([eb("classification", "is", null), eb("classification", "<>", "expected")]))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
  };
}

/** Rows of one statement: PostgreSQL takes 65,535 parameters at most, and each row has twelve. */
const ROWS_AT_ONCE = 2_000;

const upsert = (db: Kysely<CatalogDatabase>, rows: ReturnType<typeof toRow>[]): Promise<DiffRow[]> =>
  db
    .insertInto("catalog.shadow_diffs")
    .values(rows)
    .onConflict((conflict) =>
      conflict.column("fingerprint").doUpdateSet((eb) => ({
        occurrences: sql`catalog.shadow_diffs.occurrences + 1`,
        last_seen_at: eb.ref("excluded.last_seen_at"),
        correlation_id: eb.ref("excluded.correlation_id"),
      })),
    )
    .returningAll()
    .execute();

async function readPage(
  db: Kysely<CatalogDatabase>,
  { first, after, filter }: PageOfDiffs,
): Promise<{ items: ShadowDiff[]; totalCount: number }> {
  const found = db.selectFrom("catalog.shadow_diffs").where(conditionOf(filter));
  const { count } = await found.select(({ fn }) => fn.countAll().as("count")).executeTakeFirstOrThrow();
  let page = found
    .selectAll()
    .orderBy("id", "desc")
    .limit(first + 1);
  if (after !== undefined) page = page.where("id", "<", after);
  return { items: (await page.execute()).map(toDiff), totalCount: Number(count) };
}

/** The comparisons of models in `catalog.model_comparisons`. */
export function createComparisons(db: Kysely<CatalogDatabase>) {
  const put = async (row: { model_code: string; compared_at?: Date; failed_at?: Date; failure?: string }) => {
    await db
      .insertInto("catalog.model_comparisons")
      .values(row)
      .onConflict((conflict) => conflict.column("model_code").doUpdateSet(row))
      .execute();
  };
  return {
    compared: (modelCode: string, at: Date): Promise<void> => put({ model_code: modelCode, compared_at: at }),
    failed: (modelCode: string, failure: string, at: Date): Promise<void> =>
      put({ model_code: modelCode, failed_at: at, failure }),
    all: async (): Promise<readonly ModelComparison[]> => {
      const rows = await db
        .selectFrom("catalog.model_comparisons")
        .selectAll()
        .orderBy("model_code")
        .execute();
      return rows.map(({ model_code, compared_at, failed_at, failure }) => ({
        modelCode: model_code,
        comparedAt: compared_at,
        failedAt: failed_at,
        failure,
      }));
    },
  };
}
