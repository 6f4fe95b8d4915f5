import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
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
const QUICK = { PLM_DEADLINE_MS: "300" };

/** The text of the PLM changes before it fails, so that no 304 can hide the fault of a body. */
function breakPlm({ plm, clock }: CatalogTest, mode: Fault): void {
  clock.advance(AGED_MS);
  plm.setModels(revised("LX24", "LX24 "));
  plm.setFaults([{ path: "/plm/*", mode, latencyMs: mode === "slow" ? 30_000 : 0 }]);
}

async function readInTime({ ask }: CatalogTest) {
  const startedAt = performance.now();
  const { data, errors } = await ask(READ);
  expect(errors).toBeUndefined();
  expect(performance.now() - startedAt).toBeLessThan(WITHIN_MS);
  expect(data.model).toMatchObject({ id: "lx24", features: expect.any(Array) });
  expect(data.model.features.length).toBeGreaterThan(0);
  expect(data.model.bom.lines.length).toBeGreaterThan(0);
  return data.model;
}

describe.each(FAULTS)("while the PLM has the fault %s", (mode, reason) => {
  it("and is enabled without a copy, the MRP answers in time and says why", async () => {
    const test = await startCatalog(database, QUICK);
    breakPlm(test, mode);
    const model = await readInTime(test);
    expect(model.provenance).toEqual({ source: "MRP", fallbackReason: reason, stale: false });
    expect(model.features[0].provenance.source).toBe("MRP");
  });

  it("and is enabled with an old copy, the old copy answers in time and says why", async () => {
    const test = await startCatalog(database, QUICK);
    await test.ask(READ);
    breakPlm(test, mode);
    const model = await readInTime(test);
    expect(model.provenance).toEqual({ source: "PLM_STALE", fallbackReason: reason, stale: true });
    expect(model.features[0].provenance.source).toBe("PLM_STALE");
  });

  it("and is in shadow mode, the MRP answers and knows nothing of it", async () => {
    const test = await startCatalog(database, { ...QUICK, PLM_MODE: "shadow" });
    breakPlm(test, mode);
    const model = await readInTime(test);
    expect(model.provenance).toEqual({ source: "MRP", fallbackReason: "SHADOW", stale: false });
  });

  it("and is disabled, nobody calls it", async () => {
    const test = await startCatalog(database, { ...QUICK, PLM_MODE: "disabled" });
    breakPlm(test, mode);
    const model = await readInTime(test);
    expect(model.provenance).toEqual({ source: "MRP", fallbackReason: "DISABLED", stale: false });
    expect(test.plm.requests()).toEqual({});
  });

  it("and nothing may stand in, the failure has a code and words for people", async () => {
    const test = await startCatalog(database, { ...QUICK, PLM_FALLBACK_ENABLED: "false" });
    breakPlm(test, mode);
    const { errors } = await test.ask(READ);
    expect(errors).toMatchObject([
      { extensions: { code: expect.stringMatching(/^PLM_/), correlationId: "test-1" } },
    ]);
    expect(errors?.[0]?.message).not.toMatch(/status|ECONN|JSON|undefined/i);
  });
});
