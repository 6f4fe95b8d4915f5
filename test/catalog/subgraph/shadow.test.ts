import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { model, section, startPartner } from "../partners/support.ts";
import { revised, startCatalog, type CatalogTest } from "../support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const READ = "{ models { edges { node { id features { id } provenance { source fallbackReason } } } } }";
const DIFFS = `{ shadowDiffs { totalCount edges { node { id modelCode path kind severity mrp plm occurrences
  classification note acknowledgedBy } } } }`;
const HEALTH = `{ plmHealth { status mode calls failures errorRate p50Ms p95Ms p99Ms reads readsFromPlm readsFromCache
  readsFromMrp hitRatio fallbackRate stalenessSeconds comparisons diffRate diffRateAtMost circuitBreaker { state }
  alerts { kind } } }`;

const shadow = (env: Record<string, string> = {}) => startCatalog(database, { PLM_MODE: "shadow", ...env });
const nodesOf = async ({ ask }: CatalogTest) => {
  const { data, errors } = await ask(DIFFS);
  expect(errors).toBeUndefined();
  return data.shadowDiffs.edges.map(({ node }: { node: unknown }) => node);
};
const comparisonsOf = async ({ ask }: CatalogTest) => (await ask(HEALTH)).data.plmHealth.comparisons;

describe("shadow mode", () => {
  test("answers from the MRP and compares the PLM, which says the same", async () => {
    const test = await shadow();
    const { data, errors } = await test.ask(READ);
    expect(errors).toBeUndefined();
    expect(data.models.edges[0].node.provenance).toEqual({ source: "MRP", fallbackReason: "SHADOW" });
    await waitFor(async () => (await comparisonsOf(test)) > 0);
    await expect(nodesOf(test)).resolves.toEqual([]);
  });

  test("writes down each difference once, however often it is seen, and streams it", async () => {
    const test = await shadow();
    test.plm.setModels(revised("LX24-SPEAKERS-PREMIUM", "LX24-SPEAKERS-WRONG"));
    const events = test.watch("subscription { shadowDiff(severity: CRITICAL) { path plm } }");
    const streamed = events.next();
    const read = () => test.ask('{ model(id: "lx24") { bom { lines { code } } } }');
    await read();
    await waitFor(async () => (await nodesOf(test)).length > 0);
    await waitFor(async () => {
      await read();
      return (await nodesOf(test))[0].occurrences > 1;
    });
    await expect(nodesOf(test)).resolves.toEqual([
      expect.objectContaining({
        modelCode: "LX24",
        path: "LX24.bom.AUDIO/SPEAKERS/PREMIUM.partNumber",
        kind: "VALUE",
        severity: "CRITICAL",
        mrp: "LX24-SPEAKERS-PREMIUM",
        plm: "LX24-SPEAKERS-WRONG",
        classification: null,
      }),
    ]);
    await expect(streamed).resolves.toMatchObject({
      value: { data: { shadowDiff: { plm: "LX24-SPEAKERS-WRONG" } } },
    });
    await events.return?.();
    const gate = (await test.ask("{ migrationGate { phase isMet failures blocking } }")).data.migrationGate;
    expect(gate).toMatchObject({ phase: "ENABLE", isMet: false });
    expect(gate.failures).toBeGreaterThan(0);
    expect(gate.blocking).toContain("1 critical differences that nobody has explained");
  });

  test("no longer counts a difference that a person expects", async () => {
    const test = await shadow();
    test.plm.setModels(revised("LX24-SPEAKERS-PREMIUM", "LX24-SPEAKERS-WRONG"));
    const read = () => test.ask('{ model(id: "lx24") { features { id } } }');
    await read();
    await waitFor(async () => (await nodesOf(test)).length > 0);
    const [{ id }] = await nodesOf(test);
    const { data } = await test.administer(
      `mutation ($id: ID!) { acknowledgeShadowDiff(id: $id, classification: EXPECTED, note: "renumbered") {
        classification note acknowledgedBy } }`,
      { id },
    );
    expect(data.acknowledgeShadowDiff).toEqual({
      classification: "EXPECTED",
      note: "renumbered",
      acknowledgedBy: "grace",
    });
    const different = async () =>
      (await test.ask("{ migrationGate { failures } }")).data.migrationGate.failures;
    const before = await different();
    const samples = await comparisonsOf(test);
    await waitFor(async () => {
      await read();
      return (await comparisonsOf(test)) > samples + 2;
    });
    await expect(different()).resolves.toBe(before);
    const { errors } = await test.administer(
      'mutation { acknowledgeShadowDiff(id: "0", classification: EXPECTED) { id } }',
    );
    expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND" } }]);
  });

  test("names the model whose comparison failed, and the one that was never compared, at the gate", async () => {
    const partner = await startPartner(
      database,
      {
        models: [model("LX24"), model("NEW")],
        configurations: { "model-LX24": { sections: [section("S", "not a list" as never)] } },
      },
      { PLM_MODE: "shadow", PLM_BACKGROUND_READS_PER_SECOND: "1" },
    );
    await partner.ask('{ model(id: "lx24") { bom { lines { code } } } }');
    let blocking: string[] = [];
    await waitFor(
      async () => {
        blocking = (await partner.ask("{ migrationGate { blocking } }")).data.migrationGate.blocking;
        return blocking.some((reason) => reason.includes("the last comparison failed"));
      },
      { timeoutMs: 30_000 },
    );
    expect(blocking).toContainEqual(expect.stringMatching(/the last comparison failed: .*LX24 \(/));
    expect(blocking).toContainEqual(expect.stringMatching(/never compared: .*LX2[126]/));
  });

  test("leaves out what it is told to ignore", async () => {
    const test = await shadow({ PLM_SHADOW_IGNORE: "*.partNumber" });
    test.plm.setModels(revised("LX24-SPEAKERS-PREMIUM", "LX24-SPEAKERS-WRONG"));
    await test.ask('{ model(id: "lx24") { features { id } } }');
    await waitFor(async () => (await comparisonsOf(test)) >= 5);
    await expect(nodesOf(test)).resolves.toEqual([]);
  });

  test("compares nothing at a sample rate of 0", async () => {
    const test = await shadow({ PLM_SHADOW_SAMPLE_RATE: "0" });
    for (let reading = 0; reading < 5; reading += 1) await test.ask(READ);
    expect(test.plm.requests()).toEqual({});
  });

  test.each(["hang", "down", "malformed"] as const)(
    "answers at once while the PLM has the fault %s",
    async (mode) => {
      const test = await shadow();
      await test.ask(READ);
      test.plm.setFaults([{ path: "*", mode }]);
      const startedAt = performance.now();
      const { data, errors } = await test.ask(READ);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      expect(errors).toBeUndefined();
      expect(data.models.edges[0].node.provenance.source).toBe("MRP");
    },
  );
});

describe("the health of the PLM", () => {
  test("is told in figures, over all that was read and called", async () => {
    const test = await startCatalog(database);
    for (let reading = 0; reading < 4; reading += 1) await test.ask("{ models { totalCount } }");
    const { data, errors } = await test.ask(HEALTH);
    expect(errors).toBeUndefined();
    expect(data.plmHealth).toMatchObject({
      status: "HEALTHY",
      mode: "ENABLED",
      calls: 1,
      failures: 0,
      errorRate: 0,
      reads: 4,
      readsFromPlm: 1,
      readsFromCache: 3,
      hitRatio: 0.75,
      fallbackRate: 0,
      circuitBreaker: { state: "CLOSED" },
      alerts: [],
    });
    expect(data.plmHealth.p95Ms).toBeGreaterThanOrEqual(data.plmHealth.p50Ms);
    expect(data.plmHealth.stalenessSeconds).toBeLessThan(10);
  });

  test("is pushed to those who watch", async () => {
    const test = await startCatalog(database);
    const events = test.watch("subscription { plmHealth { status reads } }");
    await expect(events.next()).resolves.toMatchObject({ value: { data: { plmHealth: { reads: 0 } } } });
    await test.ask("{ models { totalCount } }");
    await waitFor(async () => (await events.next()).value.data.plmHealth.reads === 1);
    await events.return?.();
  });

  test("refuses a window of no minutes", async () => {
    const { ask } = await startCatalog(database);
    const { errors } = await ask("{ plmHealth(windowMinutes: 0) { status } }");
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", field: "windowMinutes" } }]);
  });

  test("takes reports of people", async () => {
    const test = await startCatalog(database);
    const { data } = await test.ask('mutation { reportPlmIssue(message: "the wrong speakers") }');
    expect(data).toEqual({ reportPlmIssue: true });
    await expect(test.ask("{ plmHealth { issues } }")).resolves.toMatchObject({
      data: { plmHealth: { issues: 1 } },
    });
  });
});
