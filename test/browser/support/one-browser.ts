import type { TestProject } from "vitest/node";
import { chromium } from "../../../tools/browser.ts";
import { installedChromium } from "./browser.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the browser of this run is to be reached. */
    browserEndpoint: string;
  }
}

/** One browser for the whole run; each file has a profile of its own in it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await chromium.launchServer(installedChromium());
  project.provide("browserEndpoint", server.wsEndpoint());
  return () => server.close();
}
