import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
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
  test("has the MRP's id, the PLM's id, and says where it came from", async () => {
    const { ask } = await startCatalog(database);
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

  test("comes from the cache the second time, from the old copy when the PLM is down, and from the PLM again", async () => {
    const { ask, plm, clock } = await startCatalog(database);
    const source = async () => (await ask(MODEL, { id: "lx24" })).data.model.provenance;
    await expect(source()).resolves.toMatchObject({ source: "PLM" });
    // The first hint from other replicas may make it look again once.
    await waitFor(async () => (await source()).source === "PLM_CACHE");
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

  test("is null when nobody knows it", async () => {
    const { ask } = await startCatalog(database);
    await expect(ask(MODEL, { id: "lx99" })).resolves.toEqual({ data: { model: null }, errors: undefined });
  });

  test("costs one call to the PLM, however many are asked for at once", async () => {
    const { ask, plm } = await startCatalog(database, { PLM_CACHE_ENABLED: "false" });
    const { errors } = await ask(`{
      models { edges { node { id trims { id model { id } } } } }
      a: model(id: "lx24") { id } b: model(id: "lx26") { id } c: trim(id: "lx21-base") { id model { id } }
    }`);
    expect(errors).toBeUndefined();
    expect(plm.requests()[CATALOGUE]).toBe(1);
  });
});

describe("the list of models", () => {
  test("is a connection in the order of names", async () => {
    const { ask } = await startCatalog(database);
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

  test.each([
    ["first: 0", "first: 0 is not allowed; expected an integer from 1 to 100"],
    ['after: "xyz"', 'after: "xyz" is not allowed; expected a cursor taken from an earlier page'],
  ])("refuses %s", async (args, message) => {
    const { ask } = await startCatalog(database);
    const { errors } = await ask(`{ models(${args}) { totalCount } }`);
    expect(errors).toMatchObject([{ message, path: ["models"], extensions: { code: "BAD_USER_INPUT" } }]);
  });

  test("is for callers with plm.view only", async () => {
    const { subgraph } = await startCatalog(database);
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
  test("keep the order and the repeats of their references, with null for unknown ids", async () => {
    const { ask, plm } = await startCatalog(database);
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

describe("a PLM that nothing may stand in for", () => {
  test("that is down gives PLM_UNAVAILABLE with a plain message", async () => {
    const { ask, plm } = await startCatalog(database, { PLM_FALLBACK_ENABLED: "false" });
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
