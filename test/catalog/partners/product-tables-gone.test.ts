import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seedDemo } from "../../../db/seed/seed.ts";
import {
  archiveProducts,
  restoreProducts,
} from "../../../subgraphs/catalog/legacy/adapters/product-archive.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startOrders, supervisor } from "../work-orders/support.ts";

let database: TestDatabase;
const file = join(tmpdir(), `products-${process.pid}.json.gz`);
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(async () => {
  await rm(file, { force: true });
  await database.close();
});

const TABLE_ROWS = sql<{ rows: string }>`select md5(string_agg(to_jsonb(o)::text, '' order by id)) as rows
  from catalog.configuration_options as o`;

describe("the MRP's product tables, once the PLM is in charge", () => {
  test("are not archived while they may still change", async () => {
    await startOrders(database, { PLM_MODE: "shadow" });
    await expect(archiveProducts(database.db, file, new Date())).rejects.toThrow("PLM_IS_SOURCE_OF_TRUTH");
  });

  test("can be archived, removed and restored, while catalogue and orders answer under the same ids", async () => {
    const before = await startOrders(database, { PLM_IS_SOURCE_OF_TRUTH: "true" });
    const { workOrder: old } = await before.create();
    const { rows: rowsBefore } = await TABLE_ROWS.execute(database.db);
    expect(await archiveProducts(database.db, file, new Date())).toMatchObject({ product_models: 4 });
    await expect(sql`select from catalog.product_models`.execute(database.db)).rejects.toThrow(
      "does not exist",
    );
    await expect(archiveProducts(database.db, `${file}.2`, new Date())).rejects.toThrow("archived already");
    await seedDemo(database.db);

    const after = await startOrders(database, { PLM_IS_SOURCE_OF_TRUTH: "true" });
    const { data, errors } = await after.as(
      supervisor,
      `{ models { totalCount } model(id: "lx24") { trims { id }
      features { id provenance { source } } } workOrder(id: "${old.id}") { model { id } trim { id } options { id } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.models.totalCount).toBe(4);
    expect(data.model.trims.map(({ id }: { id: string }) => id)).toContain("lx24-base");
    expect(data.model.features[0]).toEqual({
      id: "lx24-powertrain-engine-v6-250",
      provenance: { source: "PLM" },
    });
    expect(data.workOrder).toMatchObject({ model: { id: "lx24" }, trim: { id: "lx24-base" } });
    expect(await after.create()).toMatchObject({ __typename: "WorkOrderSuccess" });

    const withoutPlm = await startOrders(database, { PLM_IS_SOURCE_OF_TRUTH: "true", PLM_MODE: "disabled" });
    const refused = await withoutPlm.ask("{ models { totalCount } }");
    expect(refused.errors).toMatchObject([{ extensions: { code: "GONE" } }]);

    await restoreProducts(database.db, file);
    expect((await TABLE_ROWS.execute(database.db)).rows).toEqual(rowsBefore);
    await expect(sql`delete from catalog.product_trims`.execute(database.db)).rejects.toThrow("read-only");
    await expect(restoreProducts(database.db, file)).rejects.toThrow("nothing is restored");
  });
});
