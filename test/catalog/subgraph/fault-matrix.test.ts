import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { revised, startCatalog, type CatalogTest } from "../support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

/** Every fault of the mock, and why the MRP or an old copy then stands in. */
const FAULTS = [
  ["down", "UNAVAILABLE"],
  ["status", "UNAVAILABLE"],
  ["slow", "TIMEOUT"],
  ["hang", "TIMEOUT"],
  ["malformed", "MALFORMED"],
  ["partial", "MALFORMED"],
  ["empty", "EMPTY"],
  ["reset", "UNAVAILABLE"],
  ["expired-token", "AUTH_FAILED"],
  ["rate-limit", "RATE_LIMITED"],
  ["schema-drift", "MALFORMED"],
  ["wrong-content-type", "MALFORMED"],
] as const;
type Fault = (typeof FAULTS)[number][0];

const READ = `{ model(id: "lx24") { id name provenance { source fallbackReason stale }
  features { id provenance { source fallbackReason } } bom { lines { path } provenance { source } } } }`;
const AGED_MS = 700_000;
/** Two deadlines and a busy machine: the fault itself would last for half a minute, or for ever. */
const WITHIN_MS = 3_000;
/** The circuit has its own tests; here every reading meets its fault. */
const QUICK = {
  PLM_DEADLINE_MS: "600",
  PLM_SHADOW_DEADLINE_MS: "300",
  PLM_CIRCUIT_BREAKER_THRESHOLD: "1000",
  PLM_POLL_SECONDS: "0",
};
const PATIENTLY = { what: "the PLM to answer" };
const NO_CACHE = { PLM_CACHE_ENABLED: "false" };

/** Texts of the catalogue and of the configuration change before they fail, so that no 304 can hide a body's fault. */
function breakPlm({ plm, clock }: CatalogTest, mode: Fault): void {
  const text = JSON.stringify(revised("Speakers", `Speakers before ${mode}`));
  clock.advance(AGED_MS);
  plm.setModels(JSON.parse(text.replace("24-foot bowrider", `24-foot bowrider before ${mode}`)));
  plm.setFaults([{ path: "/plm/*", mode, latencyMs: mode === "slow" ? 30_000 : 0 }]);
}

interface Told {
  provenance: { source: string; fallbackReason: string | null; stale: boolean };
  /** Of the features and of the bill of materials, which are asked for apart from the model. */
  parts: string[];
}

/** What the subgraph says of the model, as long as it says it in time. */
async function readInTime({ ask }: CatalogTest): Promise<Told> {
  const startedAt = performance.now();
  const { data, errors } = await ask(READ);
  expect(errors).toBeUndefined();
  expect(performance.now() - startedAt).toBeLessThan(WITHIN_MS);
  const { provenance, features, bom } = data.model;
  expect(Math.min(features.length, bom.lines.length)).toBeGreaterThan(0);
  return { provenance, parts: [features[0].provenance.source, bom.provenance.source] };
}

/** What is told while the PLM has each of the faults, one after the other. */
async function underEachFault<T>(test: CatalogTest, read: () => Promise<T>, before = async () => {}) {
  const told: Record<string, T> = {};
  for (const [mode] of FAULTS) {
    await before();
    breakPlm(test, mode);
    told[mode] = await read();
  }
  return told;
}

const forEachFault = <T>(expected: (reason: string) => T): Record<string, T> =>
  Object.fromEntries(FAULTS.map(([mode, reason]) => [mode, expected(reason)]));

const fromMrp = (fallbackReason: string): Told => ({
  provenance: { source: "MRP", fallbackReason, stale: false },
  parts: ["MRP", "MRP"],
});

/** Each fault against one mode; what the PLM had told before is gone, or old, as the row says. */
describe("whatever fault the PLM has", () => {
  test("while it is enabled and nothing is kept, the MRP answers in time and says why", async () => {
    const test = await startCatalog(database, { ...QUICK, ...NO_CACHE });
    await waitFor(async () => (await readInTime(test)).provenance.source === "PLM", PATIENTLY);
    expect(await underEachFault(test, () => readInTime(test))).toEqual(forEachFault(fromMrp));
  });

  test("while it is enabled and an old copy is kept, the old copy answers in time and says why", async () => {
    const test = await startCatalog(database, QUICK);
    const keepCopy = async () => {
      test.plm.setFaults([]);
      await waitFor(async () => {
        const { provenance, parts } = await readInTime(test);
        return [provenance.source, ...parts].every((source) => source === "PLM_CACHE");
      }, PATIENTLY);
    };
    expect(await underEachFault(test, () => readInTime(test), keepCopy)).toEqual(
      forEachFault((fallbackReason) => ({
        provenance: { source: "PLM_STALE", fallbackReason, stale: true },
        parts: ["PLM_STALE", "PLM_STALE"],
      })),
    );
  });

  test.each([
    ["without a cache", NO_CACHE],
    ["with one", {}],
  ])("in shadow mode %s, the MRP answers and knows nothing of it", async (_cache, env) => {
    const test = await startCatalog(database, { ...QUICK, ...env, PLM_MODE: "shadow" });
    const told = await underEachFault(test, () => readInTime(test));
    expect(told).toEqual(forEachFault(() => fromMrp("SHADOW")));
    expect(Object.keys(test.plm.requests())).toContain("/plm/catalog");
  });

  test("while it is disabled, nobody calls it, also not when its answers are still kept", async () => {
    const test = await startCatalog(database, QUICK);
    await readInTime(test);
    await test.administer(
      'mutation { setPlmMode(input: { mode: DISABLED, reason: "a test" }) { __typename } }',
    );
    const before = test.plm.requests();
    const told = await underEachFault(test, () => readInTime(test));
    expect(told).toEqual(forEachFault(() => fromMrp("DISABLED")));
    expect(test.plm.requests()).toEqual(before);
  });

  test("while nothing may stand in, the failure has a code and words for people", async () => {
    const test = await startCatalog(database, { ...QUICK, ...NO_CACHE, PLM_FALLBACK_ENABLED: "false" });
    const told = await underEachFault(test, async () => (await test.ask(READ)).errors);
    expect(told).toEqual(
      forEachFault(() => [
        expect.objectContaining({
          message: expect.not.stringMatching(/status|ECONN|UND_|JSON|undefined/i),
          extensions: expect.objectContaining({
            code: expect.stringMatching(/^PLM_/),
            correlationId: "test-1",
          }),
        }),
      ]),
    );
  });
});
