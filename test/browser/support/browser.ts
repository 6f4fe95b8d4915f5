import { existsSync } from "node:fs";
import { chromium, type Browser } from "../../../tools/browser.ts";

/**
 * Starts the installed Chromium without a window.
 *
 * @throws Error saying how to get one when there is none: a suite that cannot look at the page has not passed
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `There is no Chromium at ${executablePath}: apt-get install chromium, or set CHROMIUM_PATH to one`,
    );
  }
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}
