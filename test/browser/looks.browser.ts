import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differenceOf } from "./support/compare.ts";
import { settled, startSite, type Site } from "./support/site.ts";

/** Set it after a change that is meant to be seen, look at the new pictures, and keep them. */
const IS_UPDATE = process.env["UPDATE_BASELINES"] === "1";
const FOLDER = join(import.meta.dirname, "baselines");
/** Another machine's fonts move words a little; a broken layout moves far more than that. */
const ALLOWED_SHARE = 0.06;

const PAGES: [name: string, path: string][] = [
  ["projects", "/"],
  ["project", "/projects/3"],
  ["portfolio", "/portfolio"],
  ["models", "/models"],
  ["plm-health", "/admin/plm-health"],
  ["gateway", "/gateway"],
  ["playground", "/playground"],
];

describe("the looks of the dashboard", () => {
  let site: Site;
  let judge: Page;
  beforeAll(async () => {
    site = await startSite();
    judge = await site.open("/livez");
  });
  afterAll(() => site?.close());

  /** Share of the pixels that are others than in the picture that is kept; a new picture is laid beside that. */
  const changeOf = async (name: string, picture: Buffer): Promise<number> => {
    const file = join(FOLDER, `${name}.png`);
    if (IS_UPDATE) writeFileSync(file, picture);
    const difference = existsSync(file) ? await differenceOf(judge, readFileSync(file), picture) : 1;
    if (difference > ALLOWED_SHARE) writeFileSync(join(FOLDER, `${name}.new.png`), picture);
    return difference;
  };

  /** On a busy machine the mock PLM is slow now and then, which the page would say in one line more. */
  const open = async (path: string, scheme: "light" | "dark"): Promise<Page> => {
    const page = await site.open("/livez", { role: "admin", scheme });
    await page.routeWebSocket(/graphql/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((text) =>
        socket.send(String(text).replace('"status":"DEGRADED"', '"status":"HEALTHY"')),
      );
    });
    await page.goto(`${site.topology.urls.gateway}${path}`);
    return page;
  };

  test.each(PAGES)("%s, light and on a phone", async (name, path) => {
    const page = await open(path, "light");
    expect.soft(await changeOf(`${name}-light`, await pictureOf(page))).toBeLessThanOrEqual(ALLOWED_SHARE);
    await page.setViewportSize({ width: 390, height: 900 });
    expect.soft(await changeOf(`${name}-phone`, await pictureOf(page))).toBeLessThanOrEqual(ALLOWED_SHARE);
    await page.close();
  });

  test.each(PAGES)("%s, dark", async (name, path) => {
    const page = await open(path, "dark");
    expect.soft(await changeOf(`${name}-dark`, await pictureOf(page))).toBeLessThanOrEqual(ALLOWED_SHARE);
    await page.close();
  });
});

/** The upper part of a page with all that changes from second to second painted over. */
async function pictureOf(page: Page): Promise<Buffer> {
  await settled(page);
  const moving = [
    page.locator("time"),
    page.locator(".number"),
    page.locator(".sources"),
    page.locator("textarea"),
  ];
  moving.push(page.locator(".time-chart"));
  await page.evaluate(FIX_CHARTS);
  return page.screenshot({ animations: "disabled", mask: moving, maskColor: "#888888" });
}

/** Runs in the page: a legend is as high as its values are long, so charts get one height, those that come later too. */
const FIX_CHARTS = `(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(".time-chart { height: 13.5rem !important; overflow: hidden }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
})()`;
