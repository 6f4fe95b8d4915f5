import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repairDifferences } from "../../../subgraphs/catalog/legacy/adapters/repair.ts";
import { waitFor } from "../../../lib/wait.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { revised, startCatalog, type CatalogTest } from "../support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const LONG = { timeoutMs: 60_000 };
const DIFFS = "{ shadowDiffs(first: 100) { edges { node { id path plm occurrences classification } } } }";

interface Shown {
  id: string;
  path: string;
  plm: string | null;
  occurrences: number;
  classification: string | null;
}

const shownBy = async ({ ask }: CatalogTest): Promise<Shown[]> =>
  (await ask(DIFFS)).data.shadowDiffs.edges.map(({ node }: { node: Shown }) => node);

const read = (catalog: CatalogTest) => catalog.ask('{ model(id: "lx24") { bom { lines { code } } } }');

/** One more comparison of the model comes to its end, and sees nothing of what was seen before. */
async function comparesEqual(catalog: CatalogTest): Promise<boolean> {
  const sum = (diffs: readonly Shown[]) => diffs.reduce((total, { occurrences }) => total + occurrences, 0);
  const found = sum(await shownBy(catalog));
  const since = new Date();
  const compared = database.db
    .selectFrom("catalog.model_comparisons")
    .select("compared_at")
    .where("model_code", "=", "LX24")
    .where("compared_at", ">", since);
  await waitFor(async () => {
    await read(catalog);
    return (await compared.execute()).length > 0;
  }, LONG);
  return sum(await shownBy(catalog)) === found;
}

const repair = async (...words: string[]) => {
  const command = ["run.cjs", "subgraphs/catalog/legacy/products-cli.ts", "repair", ...words];
  const env = { ...process.env, DATABASE_URL: database.url };
  return promisify(execFile)(process.execPath, command, { env });
};
const repairAll = (ids: string[]) =>
  repairDifferences(database.db, { ids, by: "grace", at: new Date(), isTrial: false });

/** A difference of LX24 as a comparison leaves it. */
const shown = (field: string, mrp: string | null, plm: string | null) =>
  database.db
    .insertInto("catalog.shadow_diffs")
    .values({
      fingerprint: `${field} ${plm}`,
      model_code: "LX24",
      path: `LX24.${field}`,
      kind: mrp === null ? "missing_in_mrp" : plm === null ? "missing_in_plm" : "value",
      severity: "major",
      mrp_value: mrp,
      plm_value: plm,
      occurrences: 1,
      first_seen_at: new Date(),
      last_seen_at: new Date(),
      correlation_id: "c1",
    })
    .returning("id")
    .executeTakeFirstOrThrow();

describe("a difference that the MRP has wrong", () => {
  test("is shown, tried, written back and audited, and the next comparison is equal", async () => {
    const catalog = await startCatalog(database, { PLM_MODE: "shadow", PLM_DEADLINE_MS: "10000" });
    catalog.plm.setModels(revised("LX24-SPEAKERS-PREMIUM", "LX24-SPEAKERS-B"));
    await waitFor(async () => {
      await read(catalog);
      return (await shownBy(catalog)).length > 0;
    }, LONG);
    const [diff] = await shownBy(catalog);
    expect(diff).toMatchObject({
      path: "LX24.bom.AUDIO/SPEAKERS/PREMIUM.partNumber",
      plm: "LX24-SPEAKERS-B",
    });
    const id = diff?.id ?? "";

    expect((await repair(id)).stdout).toContain("nothing was written");
    expect(await comparesEqual(catalog)).toBe(false);

    expect((await repair(id, "--write")).stdout).toContain(
      'repaired  LX24.bom.AUDIO/SPEAKERS/PREMIUM.partNumber: "LX24-SPEAKERS-PREMIUM" → "LX24-SPEAKERS-B"',
    );
    // One comparison may have been under way.
    await comparesEqual(catalog);
    expect(await comparesEqual(catalog)).toBe(true);
    expect(await shownBy(catalog)).toMatchObject([{ id, classification: "MRP_WRONG" }]);
    const { data } = await catalog.administer(
      `{ auditLog(entityId: "${id}") { edges { node { action payload } } } }`,
    );
    expect(data.auditLog.edges).toMatchObject([
      { node: { action: "repairShadowDiff", payload: { after: "LX24-SPEAKERS-B" } } },
    ]);
    await expect(repairAll([id])).rejects.toThrow("the MRP says something else by now");
  }, 120_000);

  test.each([
    ["name", "LX24", "Twenty-four"],
    ["trims.LX24-SPORT.description", "", "Plain"],
    ["bom.POWERTRAIN.name", "Powertrain", "Power"],
    ["bom.POWERTRAIN/ENGINE.name", "Engine", "Motor"],
    ["bom.POWERTRAIN/ENGINE/V6-250.quantity", "1", "2.5"],
    ["bom.POWERTRAIN/ENGINE/V6-250.unit", "C62", "KGM"],
    ["bom.POWERTRAIN/ENGINE/V6-250.partRevision", "", "C"],
    ["bom.POWERTRAIN/ENGINE/V6-250.effectiveTo", "", "2030-12-31"],
    ["bom.POWERTRAIN/ENGINE/V6-250.referenceDesignators", "", "R1,R2"],
    ["bom.POWERTRAIN/ENGINE/V6-250.allowsMultiple", "false", "true"],
    ["bom.POWERTRAIN/PROPELLER/STEEL-4.exists", "true", null],
  ])("of any field is written as the PLM says it: %s", async (field, mrp, plm) => {
    const { id } = await shown(field, mrp, plm);
    expect(await repairAll([id])).toEqual([{ path: `LX24.${field}`, before: mrp, after: plm }]);
  });

  test.each([
    ["bom.POWERTRAIN/ENGINE/V6-250.position", "1", "2", "this field is not one that is written"],
    ["bom.POWERTRAIN/ENGINE/V12.exists", null, "true", "whole lines"],
    ["bom.AUDIO/SPEAKERS/STANDARD.isDefault", "false", "true", "the MRP says something else by now"],
    ["bom.POWERTRAIN/ENGINE/V6-250.isRequired", "true", "false", "it follows from other fields"],
  ])("of %s is refused, and nothing is written", async (field, mrp, plm, why) => {
    const { id } = await shown(field, mrp, plm);
    await expect(repairAll([id])).rejects.toThrow(why);
  });

  test("is refused when nobody knows it, and when it cannot be written alone", async () => {
    await expect(repairAll(["999999"])).rejects.toThrow("does not exist");
    await expect(repairAll(["x"])).rejects.toThrow("does not exist");
  });
});
