/** The browser of the dashboard's tests: tools/install.cjs has to have run. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

export { chromium } from "playwright-core";
export type { Browser, BrowserContext, Locator, Page, WebSocketRoute } from "playwright-core";

/** axe-core as a page takes it: finds what screen readers trip over. */
export const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
