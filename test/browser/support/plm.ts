import { ModelsDocument, SetPlmModeDocument } from "../../../schema/generated/documents.ts";
import { createPlmAlerts } from "../../../subgraphs/catalog/plm/adapters/alerts.ts";
import { waitFor } from "../../../lib/wait.ts";
import type { Site } from "./site.ts";

/** The name that the MRP alone gives to LX22. */
export const MRP_NAME = "Another name";

/** Lets the PLM and the MRP differ in the name of a model, and waits until that is seen. */
export async function makeDifference(site: Site): Promise<void> {
  const { db } = site.topology.database;
  await site.ask(SetPlmModeDocument, { input: { mode: "SHADOW", models: [], reason: "compare" } });
  await db.updateTable("catalog.product_models").set({ name: MRP_NAME }).where("code", "=", "LX22").execute();
  const seen = async () => {
    await site.ask(ModelsDocument, { first: 50 });
    const diffs = db.selectFrom("catalog.shadow_diffs").select("id").where("mrp_value", "=", MRP_NAME);
    const rows = await diffs.execute();
    return rows.length > 0;
  };
  await waitFor(seen, { what: "a difference" });
}

/** What the alert says. */
export const ALERT = "The partner has announced maintenance";

/** Raises an alert that nobody looks after yet, of a kind that no rule ends. */
export async function raiseAlert(site: Site): Promise<void> {
  await createPlmAlerts(site.topology.database.db).raise({
    kind: "PARTNER_NOTICE",
    severity: "WARNING",
    message: ALERT,
    subject: "plm",
    raisedAt: new Date(),
    value: null,
    threshold: null,
  });
}
