import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { sql, type Kysely, type Transaction } from "kysely";
import { z } from "zod";
import {
  createProductTables,
  guardProducts,
  PRODUCT_TABLES,
} from "../../../../db/definitions/catalog/products.ts";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { CodedError } from "../../../../lib/errors.ts";
import { rememberProductIds } from "../../products/adapters/mrp-products.ts";
import { readProductSource } from "../../products/adapters/product-source.ts";

const FORMAT = 1;
const archiveSchema = z.object({
  format: z.literal(FORMAT),
  archivedAt: z.iso.datetime(),
  tables: z.record(z.enum(PRODUCT_TABLES), z.array(z.record(z.string(), z.unknown()))),
});

/** How many rows of each table. */
export type ArchivedRows = Readonly<Record<string, number>>;

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/**
 * Writes the product tables into a file, reads the file again, and removes the tables: all of it, or nothing. The ids
 * of their products stay known.
 *
 * @throws CodedError CONFLICT while the PLM is not in charge, or when the tables are archived already
 */
export async function archiveProducts(
  db: Kysely<CatalogDatabase>,
  path: string,
  now: Date,
): Promise<ArchivedRows> {
  return db.transaction().execute(async (tx) => {
    const source = await readProductSource(tx);
    if (source.isArchived) throw new CodedError("CONFLICT", "The product tables are archived already");
    if (!source.isPlm)
      throw new CodedError(
        "CONFLICT",
        "The product tables may still change: start the catalogue with PLM_IS_SOURCE_OF_TRUTH=true first",
      );
    for (const table of PRODUCT_TABLES)
      await sql`lock table ${sql.table(`catalog.${table}`)} in exclusive mode`.execute(tx);
    await rememberProductIds(tx);
    const tables: Record<string, unknown[]> = {};
    for (const table of PRODUCT_TABLES) tables[table] = await rowsOf(tx, table);
    const text = JSON.stringify({ format: FORMAT, archivedAt: now.toISOString(), tables });
    await writeFile(path, await pack(text), { flag: "wx" });
    const kept = (await unpack(await readFile(path))).toString();
    if (hashOf(kept) !== hashOf(text)) throw new Error(`${path} does not hold what was written into it`);
    for (const table of PRODUCT_TABLES.toReversed())
      await sql`drop table ${sql.table(`catalog.${table}`)}`.execute(tx);
    await tx.updateTable("catalog.product_source").set({ archived_at: now }).execute();
    return countsOf(tables);
  });
}

/**
 * Makes the product tables again, with the rows of an archive; all of it, or nothing.
 *
 * @throws CodedError CONFLICT while the tables are there; BAD_USER_INPUT for a file that is no archive of ours
 */
export async function restoreProducts(db: Kysely<CatalogDatabase>, path: string): Promise<ArchivedRows> {
  const archive = await readArchive(path);
  return db.transaction().execute(async (tx) => {
    const source = await readProductSource(tx);
    if (!source.isArchived)
      throw new CodedError("CONFLICT", "The product tables are there; nothing is restored");
    const schema = tx as unknown as Kysely<unknown>;
    await createProductTables(schema);
    for (const table of PRODUCT_TABLES) {
      const rows = JSON.stringify(archive.tables[table] ?? []);
      const target = sql.table(`catalog.${table}`);
      await sql`insert into ${target} select * from json_populate_recordset(null::${target}, ${rows}::json)`.execute(
        tx,
      );
    }
    // Behind the rows: the guard would keep them out.
    await guardProducts(schema);
    await tx.updateTable("catalog.product_source").set({ archived_at: null }).execute();
    return countsOf(archive.tables);
  });
}

async function readArchive(path: string): Promise<z.infer<typeof archiveSchema>> {
  try {
    return archiveSchema.parse(JSON.parse((await unpack(await readFile(path))).toString()));
  } catch (error) {
    throw new CodedError("BAD_USER_INPUT", `${path} is no archive of the product tables`, { cause: error });
  }
}

const rowsOf = async (
  tx: Transaction<CatalogDatabase>,
  table: (typeof PRODUCT_TABLES)[number],
): Promise<unknown[]> => {
  const { rows } = await sql<{ row: unknown }>`
    select to_json(archived) as row from ${sql.table(`catalog.${table}`)} as archived`.execute(tx);
  return rows.map(({ row }) => row);
};

const countsOf = (tables: Readonly<Record<string, readonly unknown[] | undefined>>): ArchivedRows =>
  Object.fromEntries(PRODUCT_TABLES.map((table) => [table, tables[table]?.length ?? 0]));

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
