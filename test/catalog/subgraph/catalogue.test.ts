import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { caller, startCatalog } from "../support.ts";

const CATALOGUE = "/plm/catalog";
const TTL_AT_MOST_MS = 660_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const PROVENANCE =
  "provenance { source fetchedAt ageSeconds stale fallbackReason plmCorrelationId plmSchemaVersion }";
const MODEL = `query ($id: ID!) { model(id: $id) { id code name plmId trims { id plmId } ${PROVENANCE} } }`;
const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Model { id name }
    ... on Trim { id name model { id trims { id } } }
  }
}`;

describe("a model", () => {
  it("has the MRP's id, the PLM's id, and says where it came from", async () => {
    const { ask } = await startCatalog(database.db);
    const { data, errors } = await ask(MODEL, { id: "lx24" });
    expect(errors).toBeUndefined();
    expect(data.model).toMatchObject({
      id: "lx24",
      code: "LX24",
      plmId: expect.stringMatching(/^plm-mod-/),
      trims: [{ id: "lx24-base" }, { id: "lx24-sport" }, { id: "lx24-luxury" }],
      provenance: {
        source: "PLM",
        stale: false,
        fallbackReason: null,
        plmCorrelationId: "test-1",
        plmSchemaVersion: "1.4.0",
      },
    });
  });

  it("comes from the cache the second time, from the old copy when the PLM is down, and from the PLM again", async () => {
    const { ask, plm, clock } = await startCatalog(database.db);
    const source = async () => (await ask(MODEL, { id: "lx24" })).data.model.provenance;
    await expect(source()).resolves.toMatchObject({ source: "PLM" });
    await expect(source()).resolves.toMatchObject({ source: "PLM_CACHE" });
    plm.setFaults([{ path: "*", mode: "down" }]);
    clock.advance(TTL_AT_MOST_MS);
    await expect(source()).resolves.toMatchObject({
      source: "PLM_STALE",
      stale: true,
      fallbackReason: "UNAVAILABLE",
    });
    plm.setFaults([]);
    await expect(source()).resolves.toMatchObject({ source: "PLM", stale: false });
  });

  it("is null when nobody knows it", async () => {
    const { ask } = await startCatalog(database.db);
    await expect(ask(MODEL, { id: "lx99" })).resolves.toEqual({ data: { model: null }, errors: undefined });
  });

  it("costs one call to the PLM, however many are asked for at once", async () => {
    const { ask, plm } = await startCatalog(database.db, { PLM_CACHE_ENABLED: "false" });
    const { errors } = await ask(`{
      models { edges { node { id trims { id model { id } } } } }
      a: model(id: "lx24") { id } b: model(id: "lx26") { id } c: trim(id: "lx21-base") { id model { id } }
    }`);
    expect(errors).toBeUndefined();
    expect(plm.requests()[CATALOGUE]).toBe(1);
  });
});

describe("the list of models", () => {
  it("is a connection in the order of names", async () => {
    const { ask } = await startCatalog(database.db);
    const { data } = await ask(
      "{ models(first: 3) { totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }",
    );
    expect(data.models).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
    const { endCursor } = data.models.pageInfo;
    const rest = await ask(
      "query ($after: String) { models(after: $after) { edges { node { id } } pageInfo { hasPreviousPage } } }",
      {
        after: endCursor,
      },
    );
    expect(rest.data.models).toMatchObject({
      edges: [{ node: { id: "lx26" } }],
      pageInfo: { hasPreviousPage: true },
    });
  });

  it.each([
    ["first: 0", "first: 0 is not allowed; expected an integer from 1 to 100"],
    ['after: "xyz"', 'after: "xyz" is not allowed; expected a cursor taken from an earlier page'],
  ])("refuses %s", async (args, message) => {
    const { ask } = await startCatalog(database.db);
    const { errors } = await ask(`{ models(${args}) { totalCount } }`);
    expect(errors).toMatchObject([{ message, path: ["models"], extensions: { code: "BAD_USER_INPUT" } }]);
  });

  it("is for callers with plm.view only", async () => {
    const { subgraph } = await startCatalog(database.db);
    const result = await subgraph.endpoint.execute({
      query: "{ models { totalCount } }",
      caller: caller({ scopes: [] }),
    });
    expect(result.errors).toMatchObject([
      { message: "Missing scope: plm.view", extensions: { code: "FORBIDDEN" } },
    ]);
  });
});

describe("entities for other subgraphs", () => {
  it("keep the order and the repeats of their references, with null for unknown ids", async () => {
    const { ask, plm } = await startCatalog(database.db);
    const model = (id: string) => ({ __typename: "Model", id });
    const trim = (id: string) => ({ __typename: "Trim", id });
    const representations = [
      trim("lx26-luxury"),
      model("lx24"),
      model("nope"),
      trim("nope"),
      model("lx24"),
      model("lx21"),
    ];
    const { data, errors } = await ask(ENTITIES, { representations });
    expect(errors).toBeUndefined();
    expect(data["_entities"]).toMatchObject([
      { __typename: "Trim", id: "lx26-luxury", model: { id: "lx26" } },
      { __typename: "Model", id: "lx24" },
      null,
      null,
      { __typename: "Model", id: "lx24" },
      { __typename: "Model", id: "lx21" },
    ]);
    expect(plm.requests()[CATALOGUE]).toBe(1);
  });
});

describe("a model while the PLM has a fault", () => {
  const faults = [
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

  const readDuring = async (mode: (typeof faults)[number][0], cache: "warm" | "cold") => {
    const { ask, plm, clock } = await startCatalog(database.db);
    if (cache === "warm") await ask(MODEL, { id: "lx24" });
    clock.advance(TTL_AT_MOST_MS);
    plm.setFaults([{ path: CATALOGUE, mode, latencyMs: mode === "slow" ? 30_000 : 0 }]);
    const startedAt = performance.now();
    const { data, errors } = await ask(MODEL, { id: "lx24" });
    expect(performance.now() - startedAt).toBeLessThan(800);
    expect(errors).toBeUndefined();
    return data.model;
  };

  it.each(faults)(
    "%s and there is no copy: it comes from the MRP in time, saying %s",
    async (mode, fallbackReason) => {
      const model = await readDuring(mode, "cold");
      expect(model).toMatchObject({
        id: "lx24",
        provenance: { source: "MRP", fallbackReason, stale: false },
      });
    },
  );

  const bodyless = ["malformed", "reset"];
  it.each(faults.filter(([mode]) => !bodyless.includes(mode)))(
    "%s and there is an old copy: it is the old copy in time, saying %s",
    async (mode, fallbackReason) => {
      const model = await readDuring(mode, "warm");
      expect(model).toMatchObject({
        id: "lx24",
        provenance: { source: "PLM_STALE", fallbackReason, stale: true },
      });
    },
  );

  it.each(bodyless)(
    "%s and nothing has changed: there is no body to ruin, and the copy is current",
    async (mode) => {
      const model = await readDuring(mode as "malformed" | "reset", "warm");
      expect(model).toMatchObject({
        id: "lx24",
        provenance: { source: "PLM", fallbackReason: null, stale: false },
      });
    },
  );
});

describe("a PLM that nothing may stand in for", () => {
  it("that is down gives PLM_UNAVAILABLE with a plain message", async () => {
    const { ask, plm } = await startCatalog(database.db, { PLM_FALLBACK_ENABLED: "false" });
    plm.setFaults([{ path: "*", mode: "down" }]);
    const { errors } = await ask(MODEL, { id: "lx24" });
    expect(errors).toMatchObject([
      {
        message: "The product catalogue is briefly unavailable; try again in a moment",
        extensions: { code: "PLM_UNAVAILABLE", retryable: true, correlationId: "test-1" },
      },
    ]);
  });
});

describe("a disabled PLM", () => {
  it("is never called, and every model says DISABLED", async () => {
    const { ask, plm } = await startCatalog(database.db, { PLM_MODE: "disabled" });
    const { data } = await ask(
      `{ models { edges { node { id plmId ${PROVENANCE} trims { ${PROVENANCE} } } } } }`,
    );
    expect(data.models.edges).toHaveLength(4);
    for (const { node } of data.models.edges) {
      expect(node).toMatchObject({ plmId: null, provenance: { source: "MRP", fallbackReason: "DISABLED" } });
    }
    await expect(ask("{ plmCircuitBreaker { state } }")).resolves.toMatchObject({
      data: { plmCircuitBreaker: { state: "CLOSED" } },
    });
    expect(plm.requests()).toEqual({});
  });
});
