import type { Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { MrpModel, MrpProduct } from "../domain/catalogue.ts";
import { optionIdsOf, type ModelConfiguration } from "../domain/configuration.ts";
import type { MrpSource } from "../operations/ports.ts";
import { readMrpConfiguration } from "./mrp-configuration.ts";
import { keepProductIds, readKeptIds, readKeptOptionIds, readProductSource } from "./product-source.ts";

/** Why the product tables were read. */
export type MrpReading = "to answer" | "for ids" | "a bill of materials";

/** The MRP's product tables; whoever reads them is told, because they may be removed once they are not read. */
export function createMrpProducts(db: Kysely<CatalogDatabase>, onRead: (why: MrpReading) => void): MrpSource {
  const productsFromTables = async (why: MrpReading): Promise<MrpModel[]> => {
    onRead(why);
    const [models, trims] = await Promise.all([readModels(db), readTrims(db)]);
    const trimsByModel = Map.groupBy(trims, ({ model_id }) => model_id);
    return models.map((model) => ({
      ...toProduct(model),
      trims: (trimsByModel.get(model.id) ?? []).map(toProduct),
    }));
  };
  const configurationFromTables = (modelCode: string): Promise<ModelConfiguration | undefined> => {
    onRead("a bill of materials");
    return readMrpConfiguration(db, modelCode);
  };
  return {
    readProducts: async () => {
      const source = await readProductSource(db);
      return source.isPlm ? readKeptIds(db) : productsFromTables("for ids");
    },
    standIn: async () => {
      const source = await readProductSource(db);
      return source.isArchived ? undefined : productsFromTables("to answer");
    },
    readConfiguration: async (modelCode) => {
      const source = await readProductSource(db);
      return source.isArchived ? undefined : configurationFromTables(modelCode);
    },
    readOptionIds: async (modelCode) => {
      const source = await readProductSource(db);
      if (source.isPlm) return readKeptOptionIds(db, modelCode);
      const configuration = await configurationFromTables(modelCode);
      return configuration ? optionIdsOf(configuration) : new Map();
    },
  };
}

/** Remembers who owns which id, from the tables as they are now. */
export async function rememberProductIds(db: Kysely<CatalogDatabase>): Promise<void> {
  const [models, trims] = await Promise.all([readModels(db), readTrims(db)]);
  const trimsByModel = Map.groupBy(trims, ({ model_id }) => model_id);
  for (const { id, code } of models) {
    const configuration = await readMrpConfiguration(db, code);
    await keepProductIds(db, {
      model_code: code,
      model_id: id,
      trims: Object.fromEntries((trimsByModel.get(id) ?? []).map((trim) => [trim.code, trim.id])),
      options: configuration ? Object.fromEntries(optionIdsOf(configuration)) : {},
    });
  }
}

const readModels = (db: Kysely<CatalogDatabase>) =>
  db
    .selectFrom("catalog.product_models")
    .select(["id", "code", "name", "description", "is_active"])
    .execute();

const readTrims = (db: Kysely<CatalogDatabase>) =>
  db
    .selectFrom("catalog.product_trims")
    .select(["id", "model_id", "code", "name", "description", "is_active"])
    .orderBy("sort_order")
    .orderBy("code")
    .execute();

interface ProductRow {
  id: string;
  code: string;
  name: string;
  description: string | null;
  is_active: boolean;
}

const toProduct = ({ id, code, name, description, is_active }: ProductRow): MrpProduct => ({
  id,
  code,
  name,
  description,
  isActive: is_active,
});
