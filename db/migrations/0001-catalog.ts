import { sql, type Kysely } from "kysely";
import { createRefusal } from "../definitions/catalog/append-only.ts";
import { createDocuments } from "../definitions/catalog/documents.ts";
import { createOrganisation } from "../definitions/catalog/organisation.ts";
import { createPlm } from "../definitions/catalog/plm.ts";
import { createProductSource } from "../definitions/catalog/product-source.ts";
import { createProductTables, guardProducts } from "../definitions/catalog/products.ts";
import { createUsage } from "../definitions/catalog/usage.ts";
import { createWorkOrders } from "../definitions/catalog/work-orders.ts";

/** The catalogue: the MRP's organisation and products, what the PLM said of them, work orders and their usage. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema catalog`.execute(db);
  await createRefusal(db);
  await createOrganisation(db);
  await createProductTables(db);
  await createPlm(db);
  await createProductSource(db);
  await guardProducts(db);
  await createDocuments(db);
  await createWorkOrders(db);
  await createUsage(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop schema catalog cascade`.execute(db);
}
