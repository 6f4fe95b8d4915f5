import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Vite would pick graphql's ESM build for our files while Node gives packages the CommonJS one: two realms. */
const oneGraphql = { find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) };

/** Small files that take long, because they start processes or run many operations: they would come last, alone. */
const LONG = /\/test\/(?:e2e|db|mocks)\/|\/(?:main|codegen|corpus|oracle-\w+|usage-kill)\.test\.ts$/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  resolve: { alias: [oneGraphql] },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    // Tests also wait. On two cores 4 workers leave a seventh of the time unused, 5 a twentieth, and with 6 each test only
    // takes longer.
    maxWorkers: 5,
    // Tests make much that is soon of no use: with room for it the collector takes a tenth less of the processors' time.
    execArgv: ["--min-semi-space-size=32", "--max-semi-space-size=32"],
    // Nothing of ours lives in a module, so test files may share what they import: a third of the time.
    isolate: false,
    sequence: { sequencer: LongFirst },
    // Long enough for a loaded machine: what waits for a condition gives up earlier and says for which.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    restoreMocks: true,
  },
});
