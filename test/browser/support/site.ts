import type { Browser, Page } from "playwright-core";
import { buildDashboard } from "../../../dashboard/build.ts";
import type { Role } from "../../../lib/identity.ts";
import { startTopology, type Topology } from "../../e2e/support/topology.ts";
import { launchBrowser } from "./browser.ts";

export interface Visit {
  role?: Role;
  scheme?: "light" | "dark";
  width?: number;
}

/** The whole system with a browser in front of it. */
export interface Site {
  topology: Topology;
  browser: Browser;
  /** Opens a page in a browser context of its own. */
  open(path: string, visit?: Visit): Promise<Page>;
  close(): Promise<void>;
}

/** Where the page keeps its token. */
const TOKEN_KEY = "lifecycle-gateway.token";

export async function startSite(): Promise<Site> {
  await buildDashboard();
  const topology = await startTopology("one process");
  const browser = await launchBrowser();
  const open = async (path: string, { role, scheme = "light", width = 1280 }: Visit = {}) => {
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width, height: 900 },
      reducedMotion: "reduce",
      locale: "en-US",
      timezoneId: "Europe/Madrid",
    });
    const page = await context.newPage();
    if (role) {
      await page.goto(`${topology.urls.gateway}/assets/none`);
      const entry: [string, string] = [TOKEN_KEY, await topology.token(role)];
      await page.evaluate(([key, token]) => sessionStorage.setItem(key, token), entry);
    }
    await page.goto(`${topology.urls.gateway}${path}`);
    return page;
  };
  return {
    topology,
    browser,
    open,
    close: async () => {
      await browser.close();
      await topology.close();
    },
  };
}

/** A panel of the page by its title. */
export const panel = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });
