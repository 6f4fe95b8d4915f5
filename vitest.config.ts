import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Vite would pick graphql's ESM build for our files while Node gives packages the CommonJS one: two realms. */
const oneGraphql = { find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) };

export default defineConfig({
  resolve: { alias: [oneGraphql] },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    // Most of what tests do is waiting, so a worker more than there are cores in a small machine.
    maxWorkers: 3,
    testTimeout: 15_000,
    hookTimeout: 60_000,
    restoreMocks: true,
  },
});
