import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { startCatalog, startPlm, startReplica, type CatalogTest } from "../support.ts";

const CATALOGUE = "/plm/catalog";
const FIELDS = `name state failuresInWindow threshold windowSeconds openedAt nextProbeAt cause version
  transitions(last: 3) { from to at cause }`;
const CIRCUIT = `{ plmCircuitBreaker { ${FIELDS} } }`;
const WATCH = `subscription { circuitBreaker { ${FIELDS} } }`;
const READ = "{ models { totalCount edges { node { provenance { source fallbackReason } } } } }";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

async function startWithoutCache(openMs: number): Promise<CatalogTest> {
  await database.db.deleteFrom("catalog.circuit_transitions").execute();
  return startCatalog(database, { PLM_CACHE_ENABLED: "false" }, { openMs });
}

async function failTimes({ ask, plm }: CatalogTest, times: number): Promise<void> {
  plm.setFaults([{ path: CATALOGUE, mode: "status", status: 503 }]);
  for (let call = 0; call < times; call += 1) await ask(READ);
}

const circuitOf = async ({ ask }: CatalogTest) => (await ask(CIRCUIT)).data.plmCircuitBreaker;

describe("the circuit before the PLM", () => {
  test("is closed at first", async () => {
    const test = await startWithoutCache(60_000);
    await expect(circuitOf(test)).resolves.toEqual({
      name: "plm",
      state: "CLOSED",
      failuresInWindow: 0,
      threshold: 5,
      windowSeconds: 30,
      openedAt: null,
      nextProbeAt: null,
      cause: null,
      version: "0",
      transitions: [],
    });
  });

  test("opens at the fifth failure; from then on the MRP answers at once and the PLM is left alone", async () => {
    const test = await startWithoutCache(60_000);
    await failTimes(test, 4);
    await expect(circuitOf(test)).resolves.toMatchObject({ state: "CLOSED", failuresInWindow: 4 });
    await failTimes(test, 1);
    await expect(circuitOf(test)).resolves.toMatchObject({
      state: "OPEN",
      cause: "The PLM answered with status 503",
    });
    const calls = test.plm.requests()[CATALOGUE];
    const { data } = await test.ask(READ);
    expect(data.models.edges[0].node.provenance).toEqual({ source: "MRP", fallbackReason: "CIRCUIT_OPEN" });
    expect(test.plm.requests()[CATALOGUE]).toBe(calls);
    const recorded = await waitFor(async () => {
      const { transitions } = await circuitOf(test);
      return transitions.length > 0 && transitions;
    });
    expect(recorded).toMatchObject([
      { from: "CLOSED", to: "OPEN", cause: "The PLM answered with status 503" },
    ]);
  });

  test("closes by itself, without any traffic, when the PLM is well again", async () => {
    const test = await startWithoutCache(200);
    await failTimes(test, 5);
    test.plm.setFaults([]);
    await waitFor(async () => (await circuitOf(test)).state === "CLOSED");
    const { data } = await test.ask(READ);
    expect(data.models.edges[0].node.provenance).toEqual({ source: "PLM", fallbackReason: null });
  });

  test("is not probed while the PLM is disabled, and closes by itself when that is over", async () => {
    const test = await startWithoutCache(50);
    await failTimes(test, 5);
    const setMode = (mode: string) =>
      test.administer(`mutation { setPlmMode(input: { mode: ${mode}, reason: "a test" }) { __typename } }`);
    await setMode("DISABLED");
    test.plm.setFaults([]);
    await waitFor(async () => (await circuitOf(test)).state === "HALF_OPEN");
    const calls = test.plm.requests();
    // Time enough for three probes.
    await sleep(200);
    expect(test.plm.requests()).toEqual(calls);
    await setMode("ENABLED");
    await waitFor(async () => (await circuitOf(test)).state === "CLOSED");
  });

  test("does not open for answers that mean the PLM is well", async () => {
    const test = await startWithoutCache(60_000);
    test.plm.setFaults([{ path: CATALOGUE, mode: "status", status: 404 }]);
    for (let call = 0; call < 8; call += 1) await test.ask(READ);
    await expect(circuitOf(test)).resolves.toMatchObject({ state: "CLOSED", failuresInWindow: 0 });
  });

  test("tells in which states it was over a span of time", async () => {
    const test = await startWithoutCache(60_000);
    const from = new Date(Date.now() - 60_000).toISOString();
    const historyIn = async (span: string, name = "plm") => {
      const selection = "{ stateBefore isComplete transitions { from to cause } }";
      const { data, errors } = await test.ask(`{ circuitHistory(name: "${name}", ${span}) ${selection} }`);
      return errors ?? data.circuitHistory;
    };
    await expect(historyIn(`from: "${from}"`)).resolves.toEqual({
      stateBefore: "CLOSED",
      isComplete: true,
      transitions: [],
    });
    await failTimes(test, 5);
    const opening = { from: "CLOSED", to: "OPEN", cause: "The PLM answered with status 503" };
    await expect(historyIn(`from: "${from}"`)).resolves.toMatchObject({
      stateBefore: "CLOSED",
      transitions: [opening],
    });
    await expect(historyIn(`from: "${from}", to: "1999-01-01T00:00:00Z"`)).resolves.toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", field: "to" } },
    ]);
    await expect(historyIn(`from: "${from}"`, "none")).resolves.toMatchObject([
      { message: 'name: "none" is not allowed; expected one of plm' },
    ]);
  });

  test.each([0, 101])("refuses to show its last %i changes", async (last) => {
    const { ask } = await startWithoutCache(60_000);
    const { errors } = await ask(`{ plmCircuitBreaker { transitions(last: ${last}) { to } } }`);
    expect(errors).toMatchObject([
      {
        message: `last: ${last} is not allowed; expected an integer from 1 to 100`,
        extensions: { code: "BAD_USER_INPUT" },
      },
    ]);
  });
});

describe("watching the circuit", () => {
  test("shows the current state at once, then each change with its history", async () => {
    const test = await startWithoutCache(200);
    const events = test.watch(WATCH);
    const next = async () => {
      const { value } = await events.next();
      expect(value.errors).toBeUndefined();
      return value.data.circuitBreaker;
    };
    await expect(next()).resolves.toMatchObject({ state: "CLOSED", version: "0", transitions: [] });
    const opened = next();
    await failTimes(test, 5);
    await expect(opened).resolves.toMatchObject({
      state: "OPEN",
      version: "1",
      transitions: [{ to: "OPEN" }],
    });
    test.plm.setFaults([]);
    let latest = await next();
    while (latest.state !== "CLOSED") latest = await next();
    expect(latest).toMatchObject({
      version: "3",
      transitions: [
        { from: "HALF_OPEN", to: "CLOSED" },
        { from: "OPEN", to: "HALF_OPEN" },
        { from: "CLOSED", to: "OPEN" },
      ],
    });
    await events.return?.();
  });

  test("begins with the open circuit for those who come late", async () => {
    const test = await startWithoutCache(60_000);
    await failTimes(test, 5);
    const events = test.watch(WATCH);
    const { value } = await events.next();
    expect(value.data.circuitBreaker).toMatchObject({ state: "OPEN", version: "1" });
    await events.return?.();
  });

  test("that nobody has is refused, naming those that there are", async () => {
    const { watch } = await startWithoutCache(60_000);
    const { value } = await watch('subscription { circuitBreaker(name: "pas") { state } }').next();
    expect(value.errors).toMatchObject([
      { message: 'name: "pas" is not allowed; expected one of plm', extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  test("ends when the subgraph closes", async () => {
    const { watch, subgraph } = await startWithoutCache(60_000);
    const events = watch(WATCH);
    await events.next();
    const end = events.next();
    await subgraph.close();
    await expect(end).resolves.toMatchObject({ done: true });
  });
});

describe("a circuit that a person isolates", () => {
  const ISOLATE = 'mutation { isolateCircuit(name: "plm", reason: "the PLM moves house") { state cause } }';
  const RELEASE = 'mutation { releaseCircuit(name: "plm", reason: "it has moved") { state cause } }';

  test("is isolated in every replica, also one that starts later, and released in every replica", async () => {
    const { baseUrl } = await startPlm();
    const env = { PLM_BASE_URL: baseUrl, PLM_CACHE_ENABLED: "false" };
    const test = await startCatalog(database, env);
    const other = await startReplica(database, env);
    await expect(test.administer(ISOLATE)).resolves.toMatchObject({
      data: { isolateCircuit: { state: "ISOLATED", cause: "isolated by grace: the PLM moves house" } },
    });
    const later = await startReplica(database, env);
    const stateOf = async ({ ask }: Pick<CatalogTest, "ask">) =>
      (await ask("{ plmCircuitBreaker { state } }")).data.plmCircuitBreaker.state;
    await waitFor(async () => (await stateOf(other)) === "ISOLATED");
    await expect(stateOf(later)).resolves.toBe("ISOLATED");
    const { data } = await other.ask(READ);
    expect(data.models.edges[0].node.provenance).toEqual({ source: "MRP", fallbackReason: "CIRCUIT_OPEN" });
    await later.administer(RELEASE);
    for (const replica of [test, other]) await waitFor(async () => (await stateOf(replica)) === "CLOSED");
    const causes = await waitFor(async () => {
      const { transitions } = await circuitOf(test);
      return transitions[0]?.to === "CLOSED" && transitions.map(({ cause }: { cause: string }) => cause);
    });
    expect(causes.slice(0, 2)).toEqual([
      "released by grace: it has moved",
      "isolated by grace: the PLM moves house",
    ]);
  });

  test("needs plm.admin and a reason", async () => {
    const { ask, administer } = await startWithoutCache(60_000);
    await expect(ask(ISOLATE)).resolves.toMatchObject({ errors: [{ extensions: { code: "FORBIDDEN" } }] });
    const { errors } = await administer('mutation { isolateCircuit(name: "plm", reason: " ") { state } }');
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", field: "reason" } }]);
    const empty = await administer('mutation { releaseCircuit(name: "plm", reason: " ") { state } }');
    expect(empty.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", field: "reason" } }]);
  });
});

describe("a circuit that one replica opened", () => {
  test("is open in the other one, which leaves the PLM alone too", async () => {
    const { plm, baseUrl } = await startPlm();
    const env = { PLM_BASE_URL: baseUrl, PLM_CACHE_ENABLED: "false" };
    const test = { ...(await startCatalog(database, env, { openMs: 60_000 })), plm };
    const other = await startReplica(database, env, { openMs: 60_000 });
    await failTimes(test, 5);
    await waitFor(async () => (await other.ask(CIRCUIT)).data.plmCircuitBreaker.state === "OPEN");
    const calls = plm.requests()[CATALOGUE];
    await other.ask(READ);
    expect(plm.requests()[CATALOGUE]).toBe(calls);
  });
});
