import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { startCatalog, startPlm, startReplica, type CatalogTest } from "../support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const CONFIG = "mode enabledForModels cause reason changedBy version isConnected circuitBreakerThreshold";
const SET = `mutation ($input: SetPlmModeInput!) { setPlmMode(input: $input) {
  __typename ... on SetPlmModeSuccess { config { ${CONFIG} } } ... on UserError { code message }
} }`;
const ROLL_BACK = `mutation { rollbackPlm(reason: "errors everywhere") {
  __typename ... on SetPlmModeSuccess { config { ${CONFIG} } } ... on UserError { code message }
} }`;
const SOURCES = `{ models { edges { node { id bom { lines { path } } features { id } trims { id }
  provenance { source fallbackReason } } } } }`;

const set = async ({ administer }: CatalogTest, input: Record<string, unknown>) => {
  const { data, errors } = await administer(SET, { input: { reason: "a test", ...input } });
  expect(errors).toBeUndefined();
  return data.setPlmMode;
};

const sourcesOf = async ({ ask }: Pick<CatalogTest, "ask">): Promise<Record<string, string>> => {
  const { data, errors } = await ask(SOURCES);
  expect(errors).toBeUndefined();
  return Object.fromEntries(
    data.models.edges.map(({ node }: { node: { id: string; provenance: Record<string, string | null> } }) => [
      node.id,
      `${node.provenance["source"]} ${node.provenance["fallbackReason"] ?? ""}`.trim(),
    ]),
  );
};
const allFrom = (source: string) => ({ lx21: source, lx22: source, lx24: source, lx26: source });

describe("a disabled PLM", () => {
  test("is not called once, however much is read", async () => {
    const test = await startCatalog(database, { PLM_MODE: "disabled" });
    for (let reading = 0; reading < 3; reading += 1) {
      await expect(sourcesOf(test)).resolves.toEqual(allFrom("MRP DISABLED"));
    }
    expect(test.plm.requests()).toEqual({});
  });

  test("can be enabled without a restart, and disabled again", async () => {
    const test = await startCatalog(database, { PLM_MODE: "disabled" });
    await expect(set(test, { mode: "ENABLED" })).resolves.toMatchObject({
      __typename: "SetPlmModeSuccess",
      config: { mode: "ENABLED", cause: "PERSON", changedBy: "grace", reason: "a test", version: "2" },
    });
    await expect(sourcesOf(test)).resolves.toEqual(allFrom("PLM"));
    const before = test.plm.requests();
    await set(test, { mode: "DISABLED" });
    await expect(sourcesOf(test)).resolves.toEqual(allFrom("MRP DISABLED"));
    expect(test.plm.requests()).toEqual(before);
  });

  test("stays disabled when nobody said where it is, and says what is missing", async () => {
    await startCatalog(database, { PLM_MODE: "disabled" });
    const test = { ...(await startCatalog(database, { PLM_MODE: "disabled", PLM_CLIENT_ID: "" })) };
    await expect(set(test, { mode: "ENABLED" })).resolves.toMatchObject({
      __typename: "InvalidInput",
      message: expect.stringContaining("PLM_BASE_URL"),
    });
  });
});

describe("an enabled PLM", () => {
  test("may be for some models only; the others are one step behind", async () => {
    const test = await startCatalog(database, { PLM_ENABLED_FOR_MODELS: "LX24,lx26" });
    await expect(sourcesOf(test)).resolves.toEqual({
      lx21: "MRP SHADOW",
      lx22: "MRP SHADOW",
      lx24: "PLM",
      lx26: "PLM",
    });
    const { data } = await test.ask(`{ plmConfig {
      in: decision(modelId: "lx24") { mode reason } out: decision(modelId: "lx21") { mode reason } } }`);
    expect(data.plmConfig).toEqual({
      in: { mode: "ENABLED", reason: "MODEL_LISTED" },
      out: { mode: "SHADOW", reason: "MODEL_NOT_LISTED" },
    });
  });

  test("is rolled back to shadow, then to disabled, then no further; each step is written down", async () => {
    const test = await startCatalog(database);
    const rollBack = async () => (await test.administer(ROLL_BACK)).data.rollbackPlm;
    await expect(rollBack()).resolves.toMatchObject({ config: { mode: "SHADOW", cause: "ROLLBACK" } });
    await expect(sourcesOf(test)).resolves.toEqual(allFrom("MRP SHADOW"));
    await expect(rollBack()).resolves.toMatchObject({ config: { mode: "DISABLED" } });
    await expect(rollBack()).resolves.toMatchObject({ __typename: "Conflict", code: "CONFLICT" });
    const { data } = await test.ask(
      "{ plmConfig { changes { from to cause changedBy version correlationId } } }",
    );
    expect(data.plmConfig.changes).toEqual([
      {
        from: "SHADOW",
        to: "DISABLED",
        cause: "ROLLBACK",
        changedBy: "grace",
        version: "3",
        correlationId: "test-1",
      },
      {
        from: "ENABLED",
        to: "SHADOW",
        cause: "ROLLBACK",
        changedBy: "grace",
        version: "2",
        correlationId: "test-1",
      },
      {
        from: null,
        to: "ENABLED",
        cause: "ENVIRONMENT",
        changedBy: "environment",
        version: "1",
        correlationId: null,
      },
    ]);
  });
});

describe("a change of the mode", () => {
  test("that does not know of the one before it is refused", async () => {
    const test = await startCatalog(database);
    await set(test, { mode: "SHADOW", expectedVersion: "1" });
    await expect(set(test, { mode: "DISABLED", expectedVersion: "1" })).resolves.toEqual({
      __typename: "Conflict",
      code: "CONFLICT",
      message: "grace has changed the mode since version 1; it is shadow at version 2 now",
    });
  });

  test.each([
    [{ reason: " " }, 'input.reason: " " is not allowed; expected text of 1 to 1000 characters'],
    [
      { expectedVersion: "one" },
      'input.expectedVersion: "one" is not allowed; expected a version of plmConfig',
    ],
  ])("with %o is refused", async (input, message) => {
    const test = await startCatalog(database);
    await expect(set(test, { mode: "SHADOW", ...input })).resolves.toMatchObject({
      __typename: "InvalidInput",
      message,
    });
  });

  test("is for callers with plm.admin only", async () => {
    const { ask } = await startCatalog(database);
    const { errors } = await ask(ROLL_BACK);
    expect(errors).toMatchObject([
      { message: "Missing scope: plm.admin", extensions: { code: "FORBIDDEN" } },
    ]);
  });

  test("reaches those who watch and the other replicas, and survives a restart", async () => {
    const { baseUrl } = await startPlm();
    const env = { PLM_BASE_URL: baseUrl };
    const test = await startCatalog(database, env);
    const replica = await startReplica(database, env);
    const events = replica.watch("subscription { plmModeChanged { mode version } }");
    const next = async () => (await events.next()).value.data.plmModeChanged;
    await expect(next()).resolves.toEqual({ mode: "ENABLED", version: "1" });
    const changed = next();
    await set(test, { mode: "SHADOW" });
    await expect(changed).resolves.toEqual({ mode: "SHADOW", version: "2" });
    await expect(sourcesOf(replica)).resolves.toEqual(allFrom("MRP SHADOW"));
    await events.return?.();
    const restarted = await startReplica(database, env);
    await expect(sourcesOf(restarted)).resolves.toEqual(allFrom("MRP SHADOW"));
  });

  test("by the environment overrules the one by a person", async () => {
    const { baseUrl } = await startPlm();
    const test = await startCatalog(database, { PLM_BASE_URL: baseUrl });
    await set(test, { mode: "SHADOW" });
    const restarted = await startReplica(database, { PLM_BASE_URL: baseUrl, PLM_MODE: "disabled" });
    await expect(sourcesOf(restarted)).resolves.toEqual(allFrom("MRP DISABLED"));
    await waitFor(async () => (await sourcesOf(test))["lx24"] === "MRP DISABLED");
  });
});
