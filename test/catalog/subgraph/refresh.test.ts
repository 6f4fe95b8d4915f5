import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createRedisStore } from "../../../subgraphs/catalog/products/adapters/cache-store.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { waitFor } from "../../../lib/wait.ts";
import { revised, startCatalog, startPlm, startReplica } from "../support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

/** On a busy machine, too, it is the PLM that answers. */
const PATIENT = { PLM_DEADLINE_MS: "10000", PLM_CACHE_TIMEOUT_MS: "5000" };
const CATALOGUE = "/plm/catalog";
const SOURCE = '{ model(id: "lx24") { provenance { source ageSeconds } } }';
const FEATURES = '{ model(id: "lx24") { plmId features { name provenance { source stale } } } }';

describe("the cache", () => {
  test("is warm before the first reader comes", async () => {
    const { subgraph, plm, ask } = await startCatalog(database, { ...PATIENT, PLM_POLL_SECONDS: "0" });
    await subgraph.listen();
    await waitFor(() => plm.requests()[CATALOGUE] === 1);
    await waitFor(async () => (await ask(SOURCE)).data.model.provenance.source === "PLM_CACHE");
    expect(plm.requests()[CATALOGUE]).toBe(1);
  });

  test("is not warmed while the PLM may not be asked for answers", async () => {
    const { subgraph, plm, ask } = await startCatalog(database, { PLM_MODE: "disabled" });
    await subgraph.listen();
    await ask(SOURCE);
    expect(plm.requests()).toEqual({});
  });

  test("learns of changes to what is read before its time is over, and leaves alone what nobody reads", async () => {
    const { plm, ask } = await startCatalog(database, { ...PATIENT, PLM_POLL_SECONDS: "1" });
    const { plmId } = (await ask(FEATURES)).data.model;
    const path = `/plm/models/${plmId}/config`;
    const calls = plm.requests()[path] ?? 0;
    plm.setModels(revised("Six 7.7-inch premium speakers", "Splendid speakers"));
    // Nobody reads meanwhile.
    await waitFor(() => (plm.requests()[path] ?? 0) > calls);
    await waitFor(async () => {
      const { features } = (await ask(FEATURES)).data.model;
      const speakers = features.find(({ name }: { name: string }) => name === "Splendid speakers");
      return speakers?.provenance.source === "PLM_CACHE" && !speakers.provenance.stale;
    });
    const asked = Object.keys(plm.requests()).filter((known) => known.endsWith("/config"));
    expect(asked).toEqual([path]);
  });
});

const redisUrl = process.env["REDIS_URL"];

describe.skipIf(redisUrl === undefined)("replicas that share a Redis", () => {
  test("ask the PLM once, however many of them miss at the same time", async () => {
    const { plm, baseUrl } = await startPlm();
    // A database of Redis of its own, and nothing left in it of an earlier run.
    const url = new URL("/9", redisUrl).href;
    const store = createRedisStore({ url, timeoutMs: 5_000 }, { log: quietLog });
    onTestFinished(() => store.close());
    await store.set("catalogue", {}, { ttlMs: 1, bytes: 1 });
    const env = { ...PATIENT, PLM_BASE_URL: baseUrl, REDIS_URL: url, PLM_POLL_SECONDS: "0" };
    const replicas = [
      await startCatalog(database, env),
      await startReplica(database, env),
      await startReplica(database, env),
    ];
    // Connected: a Redis that is slow to answer at first would be gone without.
    for (const { ask } of replicas) await ask("{ plmHealth { stalenessSeconds } }");
    const answers = await Promise.all(replicas.flatMap(({ ask }) => [ask(SOURCE), ask(SOURCE)]));
    for (const { data } of answers) expect(data.model.provenance.source).toMatch(/^PLM/);
    expect(plm.requests()[CATALOGUE]).toBe(1);
  });
});

describe("a Redis that is gone", () => {
  test("is told of, while every answer is right and the subgraph stays ready", async () => {
    const { subgraph, ask } = await startCatalog(database, { ...PATIENT, REDIS_URL: "redis://127.0.0.1:1" });
    const url = await subgraph.listen();
    expect((await ask(SOURCE)).data.model.provenance.source).toMatch(/^PLM/);
    const { data } = await ask("{ plmHealth { cacheProblem } }");
    expect(data.plmHealth.cacheProblem).toBe("Redis cannot be reached");
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.text()).toContain(`"cache":"`);
  });

  test("is not told of without one", async () => {
    const { ask } = await startCatalog(database);
    await ask(SOURCE);
    expect((await ask("{ plmHealth { cacheProblem } }")).data.plmHealth.cacheProblem).toBeNull();
  });
});
