import type { LegacyRead } from "../operations/ports.ts";
import type { LegacyCaller } from "../domain/retirement.ts";
import { sql, type Insertable, type Kysely } from "kysely";
import { Counter, type Registry } from "prom-client";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { Clock } from "../../../../lib/clock.ts";
import type { MrpReading } from "../../products/adapters/mrp-products.ts";

const dayOf = (at: Date) => at.toISOString().slice(0, 10);
const FLUSH_MS = 1_000;
/** Who reads the product tables when the catalogue itself does. */
const OWN = { tenant: "", caller: "the catalogue itself" };

export type ProductReads = ReturnType<typeof createProductReads>;

/**
 * Reads of the product tables in `catalog.legacy_reads`, a row for each day, caller and endpoint: those of the legacy
 * product API, and the catalogue's own, because tables that anybody reads cannot go.
 */
export function createProductReads(
  db: Kysely<CatalogDatabase>,
  { registry, clock }: { registry: Registry; clock: Clock },
) {
  const counter = new Counter({
    name: "legacy_product_reads_total",
    help: "Reads of the MRP's product tables; the callers are in legacyRetirementStatus",
    labelNames: ["endpoint"],
    registers: [registry],
  });
  let tallied = new Map<string, number>();
  const write = async (): Promise<void> => {
    const batch = tallied;
    tallied = new Map();
    const at = clock.now();
    for (const [endpoint, reads] of batch)
      await add(db, { ...OWN, endpoint, day: dayOf(at), reads, last_read_at: at });
  };
  // What cannot be written while the database is away is no reading of its tables either.
  const flush = () => write().catch(() => undefined);
  const timer = setInterval(() => void flush(), FLUSH_MS).unref();
  return {
    /** Counts a reading of the product tables by the catalogue itself; written down within a second. */
    readByCatalogue: (why: MrpReading): void => {
      const endpoint = `product tables (${why})`;
      counter.inc({ endpoint });
      tallied.set(endpoint, (tallied.get(endpoint) ?? 0) + 1);
    },
    count: async (read: LegacyRead, at: Date): Promise<void> => {
      counter.inc({ endpoint: read.endpoint });
      await add(db, { ...read, day: dayOf(at), reads: 1, last_read_at: at });
    },
    /** Reads since a day, by caller and endpoint, the busiest first. */
    since: async (day: Date): Promise<readonly LegacyCaller[]> => {
      await flush();
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
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}

const add = (db: Kysely<CatalogDatabase>, row: Insertable<CatalogDatabase["catalog.legacy_reads"]>) =>
  db
    .insertInto("catalog.legacy_reads")
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(["day", "tenant", "caller", "endpoint"]).doUpdateSet((eb) => ({
        reads: sql`catalog.legacy_reads.reads + excluded.reads`,
        last_read_at: eb.ref("excluded.last_read_at"),
      })),
    )
    .execute();

/** The retirement in `catalog.product_source`. */
export const createLegacyRetirement = (db: Kysely<CatalogDatabase>) => ({
  /** Null while it answers. */
  retiredAt: async (): Promise<Date | null> => {
    const state = await db
      .selectFrom("catalog.product_source")
      .select("legacy_api_retired_at")
      .executeTakeFirst();
    return state?.legacy_api_retired_at ?? null;
  },
  /** True once it is retired, or its tables are archived. */
  isGone: async (): Promise<boolean> => {
    const state = await db
      .selectFrom("catalog.product_source")
      .select(["legacy_api_retired_at", "archived_at"])
      .executeTakeFirst();
    return state !== undefined && (state.legacy_api_retired_at ?? state.archived_at) !== null;
  },
  set: async (retiredAt: Date | null): Promise<void> => {
    await db.updateTable("catalog.product_source").set({ legacy_api_retired_at: retiredAt }).execute();
  },
});
