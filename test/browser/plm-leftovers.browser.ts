import { parse } from "graphql";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ModelsDocument } from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import { panel, seen, settled, startSite, type Site } from "./support/site.ts";

const Invalidate = parse("mutation { invalidatePlmCache }") as TypedDocumentNode<unknown, object>;

describe("what the PLM sent and nobody took, on the page of its health", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  const serve = async (strays: object[]) => {
    const body = JSON.stringify(strays);
    const headers = { "content-type": "application/json" };
    await fetch(`${site.topology.urls.plm}/_strays`, { method: "PUT", headers, body });
    await site.ask(Invalidate, {});
    const { db } = site.topology.database;
    await waitFor(async () => {
      await site.ask(ModelsDocument, { first: 1 });
      const rows = await db.selectFrom("catalog.plm_leftovers").select("place").execute();
      return rows.length === strays.length;
    });
  };

  test("is nothing while all of it is taken", async () => {
    const page = await site.open("/admin/plm-health", { role: "admin" });
    await settled(page);
    const leftovers = panel(page, "Not taken from the PLM");
    expect(await seen(leftovers.getByText("Everything that came was taken."))).toBe(true);
    await page.close();
  });

  test("is each record with its place and the reason, on a phone too", async () => {
    await serve([
      { id: "draft", code: "LX28", trims: [] },
      { id: "copy", code: "LX24", name: "LX24 (copy)", trims: [] },
    ]);
    for (const width of [1280, 390]) {
      const page = await site.open("/admin/plm-health", { role: "admin", width });
      await settled(page);
      const leftovers = panel(page, "Not taken from the PLM");
      const row = leftovers.getByRole("row").filter({ hasText: "data.models.4" });
      expect(await seen(row.getByText("name: expected text of 1 to 1000 characters"))).toBe(true);
      expect(await seen(leftovers.getByText("its code is that of a model before it"))).toBe(true);
      expect(await seen(leftovers.locator("header").getByText("2 records left out"))).toBe(true);
      const picture = process.env["LEFTOVERS_PICTURE"];
      if (picture) await page.screenshot({ path: `${picture}-${width}.png`, fullPage: true });
      await page.close();
    }
  });
});
