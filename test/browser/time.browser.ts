import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { StartProjectDocument } from "../../schema/generated/documents.ts";
import { seriousProblems } from "./support/axe.ts";
import { buttonOf } from "./support/dialog.ts";
import { insertLongRun, LONG_RUN_USD, type LongRun } from "./support/long-run.ts";
import { panel, settled, startSite, type Site } from "./support/site.ts";

const HOUR_MS = 3_600_000;

describe("the burn of a run of ten thousand receipts", () => {
  let site: Site;
  let run: LongRun;
  beforeAll(async () => {
    site = await startSite();
    run = await insertLongRun(site);
  });
  afterAll(() => site?.close());

  const open = async (query = "", width = 1280): Promise<Page> => {
    const page = await site.open(`/projects/${run.projectId}${query}`, { role: "admin", width });
    await chartOf(page).waitFor();
    return page;
  };
  const chartOf = (page: Page) => panel(page, "Burn").getByRole("slider");
  const readingOf = async (page: Page) => (await chartOf(page).getAttribute("aria-valuetext")) ?? "";

  test("is drawn from its beginning to now, and read at any moment by keyboard", async () => {
    const page = await open();
    await waitFor(async () => (await readingOf(page)).includes(`Spent $${LONG_RUN_USD}.00`), {
      what: "everything that was spent",
    });
    await chartOf(page).focus();
    await page.keyboard.press("Home");
    expect(await readingOf(page)).toContain("Spent $0.00, Budget $20.00");
    await page.keyboard.press("End");
    for (let step = 0; step < 5; step += 1) await page.keyboard.press("PageDown");
    expect(await readingOf(page)).toMatch(/Spent \$1\d\.\d\d, Budget \$30\.00/);
    await page.keyboard.press("Escape");
    await waitFor(async () => (await readingOf(page)).includes(`Spent $${LONG_RUN_USD}.00`));
    await page.close();
  });

  test("is read under the pointer, and zooms to what the pointer is dragged over", async () => {
    const page = await open();
    const over = panel(page, "Burn").locator(".u-over");
    await over.hover({ position: { x: 40, y: 40 } });
    await waitFor(async () => /Spent \$[0-4]\.\d\d/.test(await readingOf(page)), { what: "an early total" });
    const box = await over.boundingBox();
    if (!box) throw new Error("the chart has no place");
    await page.mouse.move(box.x + 50, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + 90, box.y + 50, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=.*&to=/);
    const query = new URL(page.url()).searchParams;
    const [from, to] = ["from", "to"].map((name) => Date.parse(query.get(name) ?? ""));
    expect((to ?? 0) - (from ?? 0)).toBeGreaterThan(HOUR_MS / 10);
    expect((to ?? 0) - (from ?? 0)).toBeLessThan(4 * HOUR_MS);
    expect(await buttonOf(page, "Custom").getAttribute("aria-pressed")).toBe("true");
    await page.goBack();
    await waitFor(async () => (await buttonOf(page, "Run").getAttribute("aria-pressed")) === "true");
    await page.close();
  });

  test("keeps the range in the address, where it is found again", async () => {
    const page = await open("?range=1h");
    expect(await buttonOf(page, "1 h").getAttribute("aria-pressed")).toBe("true");
    await chartOf(page).focus();
    await page.keyboard.press("Home");
    await waitFor(async () => /Spent \$17\.\d\d/.test(await readingOf(page)), {
      what: "what was spent an hour ago",
    });
    await buttonOf(page, "15 min").click();
    expect(new URL(page.url()).search).toBe("?range=15m");
    await buttonOf(page, "Custom").click();
    const form = page.getByRole("form", { name: "Custom range" });
    await form.getByLabel("From").fill("2026-01-02T00:00:00");
    await form.getByLabel("To").fill("2026-01-01T00:00:00");
    await buttonOf(form, "Show").click();
    await form.getByRole("alert").getByText("It has to end after it begins.").waitFor();
    await page.close();
  });

  test("marks pauses, changes of the budget and alerts, in words too", async () => {
    const page = await open();
    await panel(page, "Burn").getByText("3 events marked").click();
    const events = await panel(page, "Burn").getByRole("listitem").allTextContents();
    expect(events.map((event) => event.replace(/[A-Z][a-z]{2} \d.*$/, ""))).toEqual([
      "Paused: Lunch",
      "Budget changed: from $20.00 to $30.00",
      "Alert: =An overrun is likely",
    ]);
    await page.close();
  });

  test("is handed out as CSV, in UTC, with nothing that a spreadsheet would run", async () => {
    const page = await open();
    // The file has what the chart shows: what is projected comes with the subscription.
    await panel(page, "Burn").getByText("90 % certain").first().waitFor();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      panel(page, "Burn").getByRole("button", { name: "CSV" }).click(),
    ]);
    expect(file.suggestedFilename()).toBe(`burn-of-project-${run.projectId}.csv`);
    const rows = (await text(await file.createReadStream())).trim().split("\r\n");
    expect(rows[0]).toContain("Time (UTC),Spent,Budget");
    expect(rows.length).toBeGreaterThan(240);
    expect(rows[1]).toBe(`${run.startedAt.toISOString()},0,20,,,,`);
    expect(rows.filter((row) => row.includes("An overrun is likely"))).toHaveLength(1);
    expect(rows.join("\n")).not.toMatch(/(^|[,"])[=+@]/m);
    await page.close();
  });

  test("stands beside the drift of the estimates, which is read run by run and handed out, too", async () => {
    const page = await site.open("/livez", { role: "admin" });
    await page.route("**/graphql", async (route) => {
      const asked = route.request().postData() ?? "";
      if (asked.includes("query EstimationDrift")) return route.fulfill({ json: DRIFT });
      if (!asked.includes("query ProjectLanes")) return route.continue();
      const response = await route.fetch();
      return route.fulfill({
        response,
        body: (await response.text()).replaceAll('"observations":0', '"observations":1'),
      });
    });
    await page.goto(`${site.topology.urls.gateway}/projects/${run.projectId}`);
    const drift = panel(page, "Drift of the estimates");
    const line = drift.getByRole("slider").first();
    await line.focus();
    await page.keyboard.press("Home");
    expect(await line.getAttribute("aria-valuetext")).toMatch(/^40 %, .*Mar 1/);
    await drift.getByText(/Mar 1/).waitFor();
    await page.keyboard.press("Escape");
    expect(await line.getAttribute("aria-valuetext")).toMatch(/^10 %/);
    await line.hover({ position: { x: 4, y: 10 } });
    await drift.getByText("40 %").waitFor();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      drift.getByRole("button", { name: "CSV" }).click(),
    ]);
    expect(file.suggestedFilename()).toBe(`drift-of-project-${run.projectId}.csv`);
    const rows = (await text(await file.createReadStream())).trim().split("\r\n");
    expect(rows[0]).toContain("Lane,Run,Completed (UTC),");
    expect(rows[1]).toMatch(/,7,2026-03-01T08:00:00\.000Z,0\.4,1\.4$/);
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.close();
  });

  test("tells times in UTC for those who want it, and remembers that", async () => {
    const page = await open();
    expect(await readingOf(page)).toContain("GMT+1");
    await buttonOf(page, "UTC").click();
    await waitFor(async () => (await readingOf(page)).includes("UTC"), { what: "a time in UTC" });
    await page.reload();
    await chartOf(page).waitFor();
    expect(await buttonOf(page, "UTC").getAttribute("aria-pressed")).toBe("true");
    expect(await readingOf(page)).toContain("UTC");
    await buttonOf(page, "UTC").click();
    await page.close();
  });

  test("is printed as a report, with what a screen folds away and without what only a screen can do", async () => {
    const page = await open();
    await settled(page);
    await page.emulateMedia({ media: "print" });
    for (const hidden of [page.locator(".masthead"), page.locator(".range-control")])
      expect(await hidden.isVisible()).toBe(false);
    expect(await page.getByRole("button").count()).toBe(0);
    expect(await page.getByText(/^As of .* GMT\+1, from http/).isVisible()).toBe(true);
    expect(await panel(page, "Burn").locator("canvas").isVisible()).toBe(true);
    expect(await panel(page, "Burn").getByText("Paused: Lunch").isVisible()).toBe(true);
    const sheets = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page[^s]/g);
    expect(sheets?.length).toBeLessThanOrEqual(4);
    await page.close();
  });

  test.each([390, 820, 1280])(
    "fits a screen of %d pixels, and can be used by everyone (axe: nothing serious)",
    async (width) => {
      const page = await open("", width);
      await settled(page);
      const overflowPx = () =>
        page.locator("html").evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      await waitFor(async () => (await overflowPx()) === 0, { what: "a page as wide as the screen" });
      expect(await seriousProblems(page)).toEqual([]);
      await page.close();
    },
  );
});

describe("charts over time", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  test("grow with what the subscription tells, without asking for the history again", async () => {
    const page = await site.open("/livez", { role: "supervisor" });
    let asked = 0;
    await page.route("**/graphql", (route) => {
      if (!route.request().postData()?.includes("BurnHistory")) return route.continue();
      asked += 1;
      // What is asked after that is never answered.
      return asked > 1 ? undefined : route.continue();
    });
    const { topology } = site;
    const input = { projectId: "2", runKind: "BASELINE", writeSandbox: false } as const;
    await site.ask(StartProjectDocument, { input, idempotencyKey: randomUUID() });
    const receipt = () => topology.database.db.selectFrom("plms.receipts").select("id").limit(1).execute();
    await waitFor(async () => (await receipt()).length > 0, { what: "a receipt" });
    await page.goto(`${topology.urls.gateway}/projects/2`);
    const chart = panel(page, "Burn").getByRole("slider");
    const spent = async () =>
      Number(/Spent \$([\d.]+)/.exec((await chart.getAttribute("aria-valuetext")) ?? "")?.[1]);
    const before = await waitFor(spent, { what: "the chart" });
    await waitFor(async () => (await spent()) > before, { what: "the chart to grow" });
    await page.close();
  });

  test.each(["/gateway", "/admin/plm-health"])("of %s fit a tablet, in every range", async (path) => {
    const page = await site.open(path, { role: "admin", width: 820 });
    await settled(page);
    const ranges = page.getByRole("group", { name: "Range of time" }).getByRole("button");
    for (const range of (await ranges.all()).slice(0, -1)) {
      await range.click();
      await settled(page);
      expect(await page.getByRole("alert").count()).toBe(0);
    }
    const overflowPx = await page
      .locator("html")
      .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect(overflowPx).toBe(0);
    await page.close();
  });
});

const DRIFT = {
  data: {
    project: {
      id: "1",
      estimationDrift: {
        trend: "IMPROVING",
        slope: -0.1,
        robustTrend: "IMPROVING",
        isDrifting: false,
        points: [
          { runId: "7", completedAt: "2026-03-01T08:00:00.000Z", maePct: 0.4, ratio: 1.4 },
          { runId: "8", completedAt: "2026-03-02T08:00:00.000Z", maePct: 0.2, ratio: 1.2 },
          { runId: "9", completedAt: "2026-03-03T08:00:00.000Z", maePct: 0.1, ratio: 0.9 },
        ],
      },
    },
  },
};
