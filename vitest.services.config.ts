import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/**
 * The same suites, on the PostgreSQL and Redis that the environment names, and the end-to-end suite over
 * separate processes. Without those names this fails instead of quietly testing something else.
 */
for (const name of ["DATABASE_URL", "REDIS_URL"]) {
  if (!process.env[name]) throw new Error(`${name} is missing: npm run test:services runs on a real server`);
}

export default mergeConfig(base, { test: { env: { TEST_TOPOLOGY: "processes" } } });
