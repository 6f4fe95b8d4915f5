import type { Kysely } from "kysely";
import type { Database } from "../../../db/tables.ts";
import type { MrpProduct } from "../domain/catalogue.ts";
import type { MrpSource } from "../operations/ports.ts";
import { readMrpConfiguration } from "./mrp-configuration.ts";

/** The MRP's product tables. */
export function createMrpProducts(db: Kysely<Database>): MrpSource {
  return {
    readProducts: async () => {
      const [models, trims] = await Promise.all([readModels(db), readTrims(db)]);
      const trimsByModel = Map.groupBy(trims, ({ model_id }) => model_id);
      return models.map((model) => ({
        ...toProduct(model),
        trims: (trimsByModel.get(model.id) ?? []).map(toProduct),
      }));
    },
    readConfiguration: (modelCode) => readMrpConfiguration(db, modelCode),
  };
}

const readModels = (db: Kysely<Database>) =>
  db
    .selectFrom("catalog.product_models")
    .select(["id", "code", "name", "description", "is_active"])
    .execute();

const readTrims = (db: Kysely<Database>) =>
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
