import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

const { test: unit, ...shared } = base;
const { include: _, ...settings } = unit ?? {};

/** The dashboard in a real browser; apart from `npm test`, because it takes Chromium and some minutes. */
export default mergeConfig(
  { ...shared, test: settings },
  {
    test: {
      include: ["test/browser/**/*.browser.ts"],
      testTimeout: 300_000,
      hookTimeout: 300_000,
      globalSetup: ["test/browser/support/one-browser.ts"],
      // Pages wait most of the time; a quarter less than with two.
      maxWorkers: 4,
    },
  },
);
