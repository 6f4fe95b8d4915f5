import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differenceOf } from "./support/compare.ts";
import { settled, startSite, type Site, type Visit } from "./support/site.ts";

/** Set it after a change that is meant to be seen, look at the new pictures, and keep them. */
const IS_UPDATE = process.env["UPDATE_BASELINES"] === "1";
const FOLDER = join(import.meta.dirname, "baselines");
/** Another machine's fonts move words a little; a broken layout moves far more than that. */
const ALLOWED_SHARE = 0.06;

const VIEWS: Record<string, Visit> = {
  light: { scheme: "light" },
  dark: { scheme: "dark" },
  phone: { width: 390 },
};
const PAGES: [name: string, path: string][] = [
  ["projects", "/"],
  ["project", "/projects/3"],
  ["portfolio", "/portfolio"],
  ["models", "/models"],
  ["plm-health", "/admin/plm-health"],
  ["gateway", "/gateway"],
  ["playground", "/playground"],
];
const CASES = PAGES.flatMap(([name, path]) => Object.keys(VIEWS).map((view) => [name, view, path] as const));

describe("the looks of the dashboard", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  test.each(CASES)("%s, %s", async (name, view, path) => {
    const picture = await pictureOf(site, path, { ...VIEWS[view], role: "admin" });
    const file = join(FOLDER, `${name}-${view}.png`);
    if (IS_UPDATE) writeFileSync(file, picture);
    expect(existsSync(file)).toBe(true);
    const difference = await differenceOf(site.browser, readFileSync(file), picture);
    if (difference > ALLOWED_SHARE) writeFileSync(join(FOLDER, `${name}-${view}.new.png`), picture);
    expect(difference).toBeLessThanOrEqual(ALLOWED_SHARE);
  });
});

/** The upper part of a page with all that changes from second to second painted over. */
async function pictureOf(site: Site, path: string, visit: Visit): Promise<Buffer> {
  const page = await site.open(path, visit);
  await settled(page);
  const moving = [
    page.locator("time"),
    page.locator(".number"),
    page.locator(".sources"),
    page.locator("textarea"),
  ];
  const picture = await page.screenshot({ animations: "disabled", mask: moving, maskColor: "#888888" });
  await page.context().close();
  return picture;
}
