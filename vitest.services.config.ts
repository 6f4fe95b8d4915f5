import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";
import { filesReaching, sourcesIn } from "./tools/imports.ts";

const ROOT = import.meta.dirname;
/** What leads to PostgreSQL or Redis, and what is repeated more often in CI. */
const MARKS = ["test/support/database.ts", "test/support/depth.ts", "test/e2e/support/topology.ts"];
const NAMED = /\benv(?:\.|\[")(?:REDIS_URL|DATABASE_URL|STORM_SECONDS|FUZZ_RUNS|GENERATED_OPERATIONS)\b/;

/** The suites that use PostgreSQL or Redis, on those that the environment names, and all that CI repeats more often. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    globalSetup: ["test/support/require-services.ts", ...[base.test?.globalSetup ?? []].flat()],
    include: filesReaching(ROOT, sourcesIn(ROOT, ["test"]), { files: MARKS, text: NAMED }).filter((file) =>
      file.endsWith(".test.ts"),
    ),
  },
});
