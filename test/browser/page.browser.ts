import { gzipSync } from "node:zlib";
import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { seriousProblems } from "./support/axe.ts";
import { panel, settled, startSite, type Site } from "./support/site.ts";

const FIRST_LOAD_LIMIT_BYTES = 150 * 1024;
const PAGES = [
  "/",
  "/projects/1",
  "/projects/none",
  "/models",
  "/models/lx26",
  "/models/none",
  "/parts",
  "/work-orders",
  "/differences",
  "/plm-alerts",
  "/portfolio",
  "/admin/plm-health",
  "/gateway",
  "/playground",
];

describe("the page", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  test("loads at most 150 KB, compressed, and nothing from elsewhere", async () => {
    const page = await site.open("/livez");
    const bodies: Promise<Buffer>[] = [];
    const urls: string[] = [];
    page.on("response", (response) => {
      urls.push(response.url());
      if (/\.(js|css|svg)$|\/projects\/1$/.test(response.url())) bodies.push(response.body());
    });
    await page.goto(`${site.topology.urls.gateway}/projects/1`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForLoadState("networkidle").catch(() => undefined);
    const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body, { level: 6 }).length);
    expect(sizes.length).toBeGreaterThan(2);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(FIRST_LOAD_LIMIT_BYTES);
    expect(urls.filter((url) => !url.startsWith(site.topology.urls.gateway))).toEqual([]);
    await page.close();
  });

  test("may run nothing but its own scripts and talk to nobody else", async () => {
    const response = await fetch(site.topology.urls.gateway);
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(response.headers.get("cache-control")).toBe("no-cache");
  });

  test.each(PAGES)(
    "%s needs no other machine, can be used by everyone, in light and dark (axe: nothing serious), and fits a phone",
    async (path) => {
      const page = await site.open(path, { role: "admin" });
      await settled(page);
      expect(await page.title()).toMatch(/ · Lifecycle gateway$/);
      expect(await seriousProblems(page)).toEqual([]);
      await page.setViewportSize({ width: 390, height: 900 });
      await waitFor(async () => (await overflowPx(page)) === 0, { what: "a page as wide as the phone" });
      await page.close();
      expect(site.mistakes).toEqual([]);
    },
  );

  test.each(PAGES)("%s can be used by visitors, too (axe: nothing serious)", async (path) => {
    const page = await site.open(path);
    await settled(page);
    expect(await seriousProblems(page)).toEqual([]);
    await page.close();
  });

  test("can be worked by keyboard alone", async () => {
    const page = await site.open("/", { role: "admin" });
    await settled(page);
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").textContent()).toBe("Skip to the content");
    await page.getByRole("link", { name: "Gateway", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Gateway" }).waitFor();
    expect(await page.locator(":focus").getAttribute("id")).toBe("main");
    await page.getByRole("button", { name: /admin/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.close();
  });

  test.each([
    ["reduce", "0s"],
    ["no-preference", "0.4s"],
  ] as const)("moves only for those who want it (%s)", async (motion, duration) => {
    const page = await site.open("/projects/1", { motion });
    await panel(page, "Budget runway").getByRole("img").waitFor();
    const durations = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('.track .spent')).transitionDuration",
    );
    expect(durations.split(",")[0]).toBe(duration);
    await page.close();
  });

  test("tells every time in UTC on hover", async () => {
    const page = await site.open("/admin/plm-health", { role: "admin" });
    await page.locator("time").first().waitFor();
    const titles = await page.locator("time").evaluateAll((times) => times.map((time) => time.title));
    expect(titles.length).toBeGreaterThan(0);
    expect(titles.filter((title) => !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/.test(title))).toEqual([]);
    await page.close();
  });
});

/** How much wider the page is than the window. */
const overflowPx = (page: Page): Promise<number> =>
  page.locator("html").evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
