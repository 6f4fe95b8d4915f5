import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { seriousProblems } from "./support/axe.ts";
import { panel, settled, startSite, type Site } from "./support/site.ts";

const FIRST_LOAD_LIMIT_BYTES = 120_000;
const DIST = new URL("../../dashboard/dist/", import.meta.url);
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

  test("loads nothing from elsewhere", async () => {
    const page = await site.open("/livez");
    const urls: string[] = [];
    page.on("response", (response) => urls.push(response.url()));
    await page.goto(`${site.topology.urls.gateway}/projects/1`);
    await settled(page);
    expect(urls.length).toBeGreaterThan(2);
    expect(urls.filter((url) => !url.startsWith(site.topology.urls.gateway))).toEqual([]);
    await page.close();
  });

  test("loads at most 120 kB, compressed, whichever page is the first, playground and charts aside", () => {
    const build = readBuild();
    const pages = Object.keys(build).filter((name) => /^src\/pages\/(?!playground)/.test(name));
    expect(pages.length).toBeGreaterThan(5);
    const sizes = Object.fromEntries(pages.map((name) => [name, firstLoadBytes(build, name)]));
    const tooLarge = Object.entries(sizes).filter(([, bytes]) => bytes > FIRST_LOAD_LIMIT_BYTES);
    expect(tooLarge).toEqual([]);
    expect(Object.values(sizes).filter((bytes) => bytes < 40_000)).toEqual([]);
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

/** What Vite tells of a file that it has built. */
interface Built {
  file: string;
  imports?: string[];
  css?: string[];
}

const readBuild = () =>
  JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8")) as Record<string, Built>;

/** The document, and everything that it and a page import before they can be drawn. */
function firstLoadBytes(build: Record<string, Built>, page: string): number {
  const files = new Set<string>();
  const take = (name: string) => {
    const { file, imports = [], css = [] } = build[name] ?? { file: name };
    if (files.has(file)) return;
    for (const each of [file, ...css]) files.add(each);
    for (const each of imports) take(each);
  };
  take("index.html");
  take(page);
  files.add("index.html");
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, DIST))).length, 0);
}

/** How much wider the page is than the window. */
const overflowPx = (page: Page): Promise<number> =>
  page.locator("html").evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
