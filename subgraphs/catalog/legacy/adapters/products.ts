import type { Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { CodedError, systemCodeOf } from "../../../../lib/errors.ts";
import { rememberProductIds } from "../../products/adapters/mrp-products.ts";

interface LegacyModel {
  id: string;
  code: string;
  name: string;
  description: string | null;
  isActive: boolean;
}

interface LegacyTrim extends LegacyModel {
  productModelId: string;
}

export interface LegacyPage {
  /** Items whose id comes after this one. */
  after: string | undefined;
  limit: number;
}

/** What the legacy API lets an administrator change. */
export interface LegacyModelChange {
  name?: string | undefined;
  description?: string | null | undefined;
  isActive?: boolean | undefined;
}

/** The MRP's product tables as the legacy API shows them. */
export interface LegacyProducts {
  models(page: LegacyPage): Promise<LegacyModel[]>;
  /** Undefined when there is no such model. */
  trims(modelId: string, page: LegacyPage): Promise<LegacyTrim[] | undefined>;
  /**
   * The model after the change; undefined when there is no such model.
   *
   * @throws CodedError PLM_IS_SOURCE_OF_TRUTH when the tables are read-only
   */
  changeModel(modelId: string, change: LegacyModelChange): Promise<LegacyModel | undefined>;
}

export const createLegacyProducts = (db: Kysely<CatalogDatabase>): LegacyProducts => ({
  models: ({ after = "", limit }) =>
    db
      .selectFrom("catalog.product_models")
      .select(["id", "code", "name", "description", "is_active as isActive"])
      .where("id", ">", after)
      .orderBy("id")
      .limit(limit)
      .execute(),
  trims: async (modelId, { after = "", limit }) => {
    const model = await db
      .selectFrom("catalog.product_models")
      .select("id")
      .where("id", "=", modelId)
      .executeTakeFirst();
    if (!model) return undefined;
    return db
      .selectFrom("catalog.product_trims")
      .select(["id", "model_id as productModelId", "code", "name", "description", "is_active as isActive"])
      .where("model_id", "=", modelId)
      .where("id", ">", after)
      .orderBy("id")
      .limit(limit)
      .execute();
  },
  changeModel: (modelId, { name, description, isActive }) =>
    whileTheMrpRules(() =>
      db
        .updateTable("catalog.product_models")
        .set({
          updated_at: new Date(),
          ...(name !== undefined && { name }),
          ...(description !== undefined && { description }),
          ...(isActive !== undefined && { is_active: isActive }),
        })
        .where("id", "=", modelId)
        .returning(["id", "code", "name", "description", "is_active as isActive"])
        .executeTakeFirst(),
    ),
});

/**
 * Says which system is the source of truth for products: the trigger of the product tables goes by it. The ids of the
 * MRP's products are kept from then on, so that they stay what they are without the tables.
 */
export async function setSourceOfTruth(db: Kysely<CatalogDatabase>, isPlm: boolean): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const changed = await tx
      .updateTable("catalog.product_source")
      .set({ plm_is_source_of_truth: isPlm })
      .where("plm_is_source_of_truth", "!=", isPlm)
      .where("archived_at", "is", null)
      .executeTakeFirst();
    if (isPlm && changed.numUpdatedRows > 0n) await rememberProductIds(tx);
  });
}

/** SQLSTATE of the trigger that guards the product tables. */
const READ_ONLY = "PT409";

async function whileTheMrpRules<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (systemCodeOf(error) !== READ_ONLY) throw error;
    throw new CodedError(
      "PLM_IS_SOURCE_OF_TRUTH",
      "Products are kept in the PLM now; change them there, and they arrive here by themselves",
      { cause: error },
    );
  }
}
