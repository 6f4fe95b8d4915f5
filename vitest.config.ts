import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Vite would pick graphql's ESM build for our files while Node gives packages the CommonJS one: two realms. */
const oneGraphql = { find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) };

export default defineConfig({
  resolve: { alias: [oneGraphql] },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    // Half of what tests do is waiting, so more workers than there are cores in a small machine.
    maxWorkers: 4,
    // Nothing of ours lives in a module, so test files may share what they import: a third of the time.
    isolate: false,
    // Long enough for a loaded machine: what waits for a condition gives up earlier and says for which.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    restoreMocks: true,
  },
});
