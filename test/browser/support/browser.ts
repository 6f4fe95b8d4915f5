import { existsSync } from "node:fs";
import { chromium, type Browser } from "../../../tools/browser.ts";

/**
 * The installed Chromium, without a window, and without a graphics card that it would have to pretend.
 *
 * @throws Error saying how to get one when there is none: a suite that cannot look at the page has not passed
 */
export function installedChromium(): { executablePath: string; args: string[] } {
  const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `There is no Chromium at ${executablePath}: apt-get install chromium, or set CHROMIUM_PATH to one`,
    );
  }
  return { executablePath, args: ["--no-sandbox", "--disable-gpu"] };
}

/** Starts one of one's own; the tests share that of `one-browser.ts`. */
export const launchBrowser = (): Promise<Browser> => chromium.launch(installedChromium());
