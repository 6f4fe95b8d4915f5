import { sql, type Kysely } from "kysely";
import type { Counter } from "prom-client";
import type { Database } from "../../../db/tables.ts";
import type { LegacyRetirement, LegacyUsage } from "../operations/legacy-ports.ts";

const dayOf = (at: Date) => at.toISOString().slice(0, 10);

/** Reads of the legacy product API in `catalog.legacy_reads`, a row for each day, caller and endpoint. */
export const createLegacyUsage = (
  db: Kysely<Database>,
  deps: { counter: Counter<"endpoint"> },
): LegacyUsage => ({
  count: async (read, at) => {
    deps.counter.inc({ endpoint: read.endpoint });
    await db
      .insertInto("catalog.legacy_reads")
      .values({ ...read, day: dayOf(at), reads: 1, last_read_at: at })
      .onConflict((conflict) =>
        conflict.columns(["day", "tenant", "caller", "endpoint"]).doUpdateSet({
          reads: sql`catalog.legacy_reads.reads + 1`,
          last_read_at: at,
        }),
      )
      .execute();
  },
  since: async (day) => {
    const rows = await db
      .selectFrom("catalog.legacy_reads")
      .select(({ fn }) => [
        "caller",
        "endpoint",
        fn.sum<string>("reads").as("reads"),
        fn.max("last_read_at").as("lastReadAt"),
      ])
      .where("day", ">=", dayOf(day))
      .groupBy(["caller", "endpoint"])
      .orderBy("reads", "desc")
      .execute();
    return rows.map((row) => ({ ...row, reads: Number(row.reads) }));
  },
});

/** The retirement in `catalog.product_source`. */
export const createLegacyRetirement = (db: Kysely<Database>): LegacyRetirement => ({
  retiredAt: async () => {
    const state = await db
      .selectFrom("catalog.product_source")
      .select("legacy_api_retired_at")
      .executeTakeFirst();
    return state?.legacy_api_retired_at ?? null;
  },
  set: async (retiredAt) => {
    await db.updateTable("catalog.product_source").set({ legacy_api_retired_at: retiredAt }).execute();
  },
});
