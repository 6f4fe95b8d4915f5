import type { Transaction } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { CodedError } from "../../../../lib/errors.ts";
import { readProductSource } from "../../products/adapters/product-source.ts";

/** @throws CodedError CONFLICT while the PLM is in charge of the products: the tables refuse to change, with less to say */
export async function refuseWhilePlmIsInCharge(tx: Transaction<CatalogDatabase>): Promise<void> {
  const { isPlm } = await readProductSource(tx);
  const mode = await tx.selectFrom("catalog.plm_config").select(["mode", "models"]).executeTakeFirst();
  const isEnabledForAll = mode?.mode === "enabled" && Array.isArray(mode.models) && mode.models.length === 0;
  if (isPlm || isEnabledForAll)
    throw new CodedError("CONFLICT", "The PLM is in charge of the products: the MRP's tables are read-only");
}
