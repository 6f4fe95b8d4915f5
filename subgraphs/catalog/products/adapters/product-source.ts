import type { Insertable, Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { MrpModel } from "../domain/catalogue.ts";

/** Who is in charge of products, and whether the MRP's tables are still there. */
export interface ProductSource {
  /** The PLM is in charge, and the ids of the MRP's products are kept apart from its tables. */
  isPlm: boolean;
  /** The product tables are archived and removed. */
  isArchived: boolean;
}

export async function readProductSource(db: Kysely<CatalogDatabase>): Promise<ProductSource> {
  const row = await db
    .selectFrom("catalog.product_source")
    .select(["plm_is_source_of_truth", "archived_at"])
    .executeTakeFirst();
  const isArchived = (row?.archived_at ?? null) !== null;
  return { isPlm: isArchived || (row?.plm_is_source_of_truth ?? false), isArchived };
}

export async function keepProductIds(
  db: Kysely<CatalogDatabase>,
  {
    trims,
    options,
    ...model
  }: { model_code: string; model_id: string } & Record<"trims" | "options", object>,
): Promise<void> {
  const row: Insertable<CatalogDatabase["catalog.product_ids"]> = {
    ...model,
    trims: JSON.stringify(trims),
    options: JSON.stringify(options),
  };
  await db
    .insertInto("catalog.product_ids")
    .values(row)
    .onConflict((conflict) => conflict.column("model_code").doUpdateSet(row))
    .execute();
}

/** The ids of the MRP's products as inactive products: they own their ids, and nothing is built of them. */
export async function readKeptIds(db: Kysely<CatalogDatabase>): Promise<MrpModel[]> {
  const rows = await db
    .selectFrom("catalog.product_ids")
    .select(["model_code", "model_id", "trims"])
    .orderBy("model_code")
    .execute();
  return rows.map(({ model_code, model_id, trims }) => ({
    ...keptProduct(model_id, model_code),
    trims: Object.entries(trims).map(([code, id]) => keptProduct(id, code)),
  }));
}

const keptProduct = (id: string, code: string) => ({
  id,
  code,
  name: code,
  description: null,
  isActive: false,
});

export async function readKeptOptionIds(
  db: Kysely<CatalogDatabase>,
  modelCode: string,
): Promise<ReadonlyMap<string, string>> {
  const row = await db
    .selectFrom("catalog.product_ids")
    .select("options")
    .where("model_code", "=", modelCode)
    .executeTakeFirst();
  return new Map(Object.entries(row?.options ?? {}));
}
