import { randomUUID } from "node:crypto";
import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { CreateWorkOrderDocument, ModelsDocument } from "../../schema/generated/documents.ts";
import { createShadowDiffs } from "../../subgraphs/catalog/plm/adapters/shadow-diffs.ts";
import { seriousProblems } from "./support/axe.ts";
import { partOf, startBigPlm } from "./support/big-plm.ts";
import { buttonOf, openDialog } from "./support/dialog.ts";
import { raiseAlert } from "./support/plm.ts";
import { panel, seen, settled, startSite, type Site } from "./support/site.ts";

const WIDTHS = [390, 820, 1280];
const ORDERS = 55;
const UNITS = 3_000;

describe("a big catalogue", () => {
  let site: Site;
  let big: string;
  let plm: Awaited<ReturnType<typeof startBigPlm>>;
  beforeAll(async () => {
    plm = await startBigPlm();
    site = await startSite({}, plm.catalog);
    const found = await waitFor(
      async () => {
        const { models } = await site.ask(ModelsDocument, { search: "BIG" });
        return models.edges[0]?.node.id;
      },
      { what: "the big model" },
    );
    big = `/models/${encodeURIComponent(found)}`;
  });
  afterAll(async () => {
    await site?.close();
    await plm?.close();
  });

  const visit = async (path: string, look: (page: Page) => Promise<void>, width = 1280) => {
    const page = await site.open(path, { role: "admin", width });
    await settled(page);
    await look(page);
    await page.close();
  };
  /** Nothing is wider than the screen, and everybody can use it. */
  const isFine = async (page: Page) => {
    const wide = () => page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    await waitFor(async () => (await wide()) <= 0, { what: "a page as wide as the screen" });
    expect(await seriousProblems(page)).toEqual([]);
  };

  describe.each(WIDTHS)("on a screen %i pixels wide", (width) => {
    test("lists models by pages, and keeps what is looked for in the address", () =>
      visit(
        "/models",
        async (page) => {
          const list = panel(page, "The catalogue, and where each value comes from");
          await list.getByText("50 of 125 models").waitFor();
          await isFine(page);
          await list.getByRole("link", { name: "Next" }).click();
          await list.getByRole("link", { name: "M050", exact: true }).waitFor();
          await page.getByLabel("Find a model").fill("M12");
          await list.getByRole("link", { name: "M120", exact: true }).waitFor();
          expect(page.url()).toMatch(/\?q=M12$/);
          await page.getByLabel("Order").selectOption("By code");
          await waitFor(() => page.url().includes("sort=CODE"));
          await page.getByLabel("Find a model").fill("nothing of the kind");
          expect(await seen(list.getByText("No model has that in its name or code."))).toBe(true);
        },
        width,
      ));

    test("opens a bill of 50,000 parts level by level, and finds a part in it", () =>
      visit(
        big,
        async (page) => {
          const bill = panel(page, "Bill of materials");
          await panel(page, "The model").getByText("50,006").waitFor();
          await bill.getByRole("button", { name: /^Hull/ }).click();
          await bill.getByRole("button", { name: /^Shell/ }).click();
          await bill.getByRole("button", { name: /^Whole shell/ }).click();
          await bill.getByRole("button", { name: /^Assembly 42,/ }).click();
          await bill.getByText("100 of 499 shown.").waitFor();
          await bill.getByRole("button", { name: "Show more" }).click();
          await bill.getByText("Part 150 of assembly 42", { exact: false }).first().waitFor();
          await isFine(page);
          await page.getByLabel("Find a line of the bill").fill(partOf(77, 498));
          await bill.getByText("Part 498 of assembly 77").waitFor();
          await bill.getByRole("link", { name: partOf(77, 498) }).click();
          const uses = panel(page, "Uses");
          // The first to ask is told that not every model has been read yet.
          const answered = uses.getByText("1 line in 1 model.").or(uses.getByRole("alert"));
          expect(await seen(answered)).toBe(true);
          await isFine(page);
        },
        width,
      ));

    test("shows two trims beside each other", () =>
      visit(
        big,
        async (page) => {
          await page.getByLabel("From: trim").selectOption("Base");
          await page.getByLabel("To: trim").selectOption("Cabin");
          const differences = panel(page, "What differs");
          await differences.getByText("3 added, 0 removed, 0 changed.").waitFor();
          await differences
            .getByRole("row", { name: /CABIN\/BED\/WIDE/ })
            .getByText("not there")
            .waitFor();
          expect(page.url()).toContain("diff-to=");
          await isFine(page);
        },
        width,
      ));
  });

  test("says where everything of a model came from", () =>
    visit(big, async (page) => {
      const model = panel(page, "The model");
      await model
        .getByText(/request \S+/)
        .first()
        .waitFor();
      expect(await model.getByText("left it").count()).toBe(2);
    }));

  test("says that a bill for a time before its first one is not known", () =>
    visit(`${big}?asOf=2001-01-01T00:00`, async (page) => {
      expect(
        await seen(
          panel(page, "The model")
            .getByRole("alert")
            .getByText(/does not exist/),
        ),
      ).toBe(true);
    }));
});

describe("what is not the same in PLM and MRP", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
    const { db } = site.topology.database;
    const seenAt = { correlationId: "c-1", at: new Date() };
    const diffs = Array.from({ length: UNITS }, (_, index) => ({
      modelCode: index % 2 === 0 ? "LX24" : "LX26",
      path: `${index % 2 === 0 ? "LX24" : "LX26"}.bom.AUDIO/SPEAKERS/P${index}.unit`,
      kind: "VALUE" as const,
      severity: "CRITICAL" as const,
      mrp: "PCE",
      plm: "C62",
    }));
    await createShadowDiffs(db).record(diffs, seenAt);
    for (let index = 0; index < ORDERS; index += 1)
      await site.ask(CreateWorkOrderDocument, {
        input: {
          modelId: "lx24",
          qty: 1,
          hullId: `HULL-${index}`,
          priority: index === 7 ? "CRITICAL" : "LOW",
        },
        idempotencyKey: randomUUID(),
      });
    await raiseAlert(site);
  });
  afterAll(() => site?.close());

  const visit = async (path: string, look: (page: Page) => Promise<void>, width = 1280) => {
    const page = await site.open(path, { role: "admin", width });
    await settled(page);
    await look(page);
    await page.close();
  };

  test.each(WIDTHS)("is gathered by cause, and led to line by line, on a screen %i pixels wide", (width) =>
    visit(
      "/differences",
      async (page) => {
        const groups = panel(page, "What they have in common");
        const row = groups.getByRole("row").filter({ hasText: "differs" });
        await row.getByText("3,000").first().waitFor();
        await page.getByLabel("Grouping").selectOption("VALUES");
        // Named by its values: they are an example of the former grouping, too.
        await groups.getByRole("rowheader").filter({ hasText: "PCE → C62" }).waitFor();
        await buttonOf(groups, "Show them").click();
        const lines = panel(page, "Differences between PLM and MRP");
        await lines.getByText("50 of 3,000 differences").waitFor();
        await buttonOf(page, "MRP says: PCE (take away)").waitFor();
        const wide = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
        expect(wide).toBeLessThanOrEqual(0);
        expect(await seriousProblems(page)).toEqual([]);
      },
      width,
    ),
  );

  test("is classified all at once, as many as the reader has seen", () =>
    visit("/differences?by=LINES&field=unit&model=LX24", async (page) => {
      const lines = panel(page, "Differences between PLM and MRP");
      const dialog = await openDialog(page, buttonOf(lines, "Classify all 1,500"));
      await buttonOf(dialog, "Classify 1,500").click();
      await dialog
        .getByRole("alert")
        .getByText("Choose what it means.")
        .or(dialog.getByText("Choose what they mean."))
        .waitFor();
      await dialog.getByLabel("The mapping between them is wrong").check();
      await buttonOf(dialog, "Classify 1,500").click();
      await page.getByText("1,500 differences are classified.").waitFor();
      await page.getByLabel("Classified").selectOption("Not classified");
      expect(await seen(lines.getByText("None were seen."))).toBe(true);
    }));

  test("is a checklist of what the next step takes, each with the way to its evidence", () =>
    visit("/admin/plm-health", async (page) => {
      const gate = panel(page, "Migration gate");
      await gate.getByText("critical differences that nobody has explained").waitFor();
      expect(await gate.locator(".checklist li").count()).toBeGreaterThan(4);
      await gate.getByRole("link", { name: "those differences" }).click();
      await page.getByRole("heading", { level: 1, name: "Differences between PLM and MRP" }).waitFor();
      expect(page.url()).toContain("severity=CRITICAL");
    }));

  test.each(WIDTHS)("leaves work orders to be found, sorted and paged, on a screen %i pixels wide", (width) =>
    visit(
      "/work-orders",
      async (page) => {
        const orders = panel(page, "All work orders");
        await orders.getByText(`50 of ${ORDERS} work orders`).waitFor();
        await page.getByLabel("Order", { exact: true }).selectOption("Most urgent first");
        await orders.getByRole("row").filter({ hasText: "critical" }).first().waitFor();
        await orders.getByRole("link", { name: "Next" }).click();
        await orders.getByText(`5 of ${ORDERS} work orders`).waitFor();
        await page.getByLabel("Find a number, hull or SKU").fill("hull-54");
        await orders.getByText("HULL-54").waitFor();
        const wide = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
        expect(wide).toBeLessThanOrEqual(0);
        expect(await seriousProblems(page)).toEqual([]);
      },
      width,
    ),
  );

  test("leads to the next page of the order that is asked for, and not before its first one is there", () =>
    visit("/work-orders", async (page) => {
      const orders = panel(page, "All work orders");
      const next = orders.getByRole("link", { name: "Next" });
      await next.waitFor();
      let letThrough = () => {};
      const isLetThrough = new Promise<void>((resolve) => (letThrough = resolve));
      await page.route("**/graphql", async (route) => {
        if (route.request().postData()?.includes('"sort":"PRIORITY"')) await isLetThrough;
        await route.continue();
      });
      await page.getByLabel("Order", { exact: true }).selectOption("Most urgent first");
      await orders.locator("th[aria-sort=descending]").getByText("Priority").waitFor();
      expect(await next.getAttribute("aria-disabled")).toBe("true");
      await next.focus();
      await page.keyboard.press("Enter");
      expect(page.url()).not.toContain("after");
      letThrough();
      await orders.and(page.locator("[aria-busy=false]")).waitFor();
      await next.click();
      await orders.getByText(`5 of ${ORDERS} work orders`).waitFor();
      expect(page.url()).toContain("sort=-PRIORITY&after=");
    }));

  test("leaves alerts to be found when they are over, too", () =>
    visit("/plm-alerts", async (page) => {
      const alerts = panel(page, "All alerts");
      await alerts.getByText("The partner has announced maintenance").waitFor();
      await page.getByLabel("Order", { exact: true }).selectOption("Most severe first");
      await alerts.locator("th[aria-sort=descending]").getByText("Severity").waitFor();
      expect(new URL(page.url()).searchParams.get("sort")).toBe("-SEVERITY");
      // A busy machine raises alerts of its own.
      await page.getByLabel("Find an alert").fill("announced maintenance");
      await page.getByLabel("State").selectOption("Over");
      await alerts.getByText("No alert is what you look for.").waitFor();
      await page.getByLabel("State").selectOption("Nobody looks after it");
      const dialog = await openDialog(page, buttonOf(alerts, "Acknowledge"));
      await buttonOf(dialog, "Acknowledge").click();
      await dialog.waitFor({ state: "detached" });
      expect(await seen(alerts.getByText("No alert is what you look for."))).toBe(true);
    }));
});
