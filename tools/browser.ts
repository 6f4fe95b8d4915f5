/** The browser of the dashboard's tests: tools/install.cjs has to have run. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export { chromium } from "playwright-core";
export type { Browser, Locator, Page, WebSocketRoute } from "playwright-core";

/** axe-core as a page takes it: finds what screen readers trip over. */
export const axeSource = readFileSync(fileURLToPath(import.meta.resolve("axe-core")), "utf8");
