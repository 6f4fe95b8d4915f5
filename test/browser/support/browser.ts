import { existsSync } from "node:fs";
import { chromium, type Browser } from "../../../tools/browser.ts";

/** Where Debian keeps them. The shell shows pages as the other does, and takes half of the processors' time. */
const USUAL = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

/**
 * The installed Chromium, without a window, and without a graphics card that it would have to pretend.
 *
 * @throws Error saying how to get one when there is none: a suite that cannot look at the page has not passed
 */
export function installedChromium(): { executablePath: string; args: string[] } {
  const named = process.env["CHROMIUM_PATH"];
  const candidates = named === undefined ? USUAL : [named];
  const executablePath = candidates.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error(
      `There is no Chromium at ${candidates.join(" or ")}: ` +
        "apt-get install chromium-headless-shell (or chromium), or set CHROMIUM_PATH to one",
    );
  }
  return { executablePath, args: ["--no-sandbox", "--disable-gpu"] };
}

/** Starts one of one's own; the tests share that of `one-browser.ts`. */
export const launchBrowser = (): Promise<Browser> => chromium.launch(installedChromium());
