import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seedDemo } from "../../../db/seed/seed.ts";
import { signToken } from "../../../lib/jwt.ts";
import type { Identity } from "../../../lib/identity.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, startOrders } from "../work-orders/support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.deleteFrom("catalog.legacy_reads").execute();
  await database.db
    .updateTable("catalog.product_source")
    .set({ plm_is_source_of_truth: false, legacy_api_retired_at: null })
    .execute();
});

const JWT_SECRET = "a secret of thirty-two characters or more";

const tokenFor = (changes: Partial<Identity> = {}) =>
  signToken(
    { secret: JWT_SECRET, issuer: "lifecycle-gateway", audience: "lifecycle-gateway" },
    {
      subject: "old-erp",
      scopes: ["plm.view"],
      role: "operator",
      departments: [],
      tenant: "default",
      ...changes,
    },
    600,
  );

type Call = { method?: string; body?: string; headers?: Record<string, string>; token?: string | undefined };

const OWN = "the catalogue itself";

interface Told {
  mayRetire: boolean;
  reads: number;
  callers: { caller: string; endpoint: string; reads: number }[];
  blocking: string[];
}

async function startLegacy(env: Record<string, string> = {}) {
  const test = await startOrders(database, { JWT_SECRET, ...env });
  const url = await test.subgraph.listen();
  const call = async (path: string, init: Call = {}) => {
    const token = "token" in init ? init.token : await tokenFor();
    const headers = { ...(token && { authorization: `Bearer ${token}` }), ...init.headers };
    const response = await fetch(url + path, { ...init, headers });
    // oxlint-disable-next-line typescript/no-explicit-any -- the tests say what they expect
    return { status: response.status, headers: response.headers, body: (await response.json()) as any };
  };
  const status = async (days = 30) => {
    const query = `query ($days: Int) { legacyRetirementStatus(days: $days) {
      mayRetire blocking reads callers { caller endpoint reads lastReadAt } mode plmIsSourceOfTruth retentionMonths } }`;
    const { data, errors } = await test.as(admin, query, { days });
    if (!data?.legacyRetirementStatus) return { errors, own: 0, mayRetire: undefined };
    const told = data.legacyRetirementStatus as Told;
    const isOwn = ({ caller }: { caller: string }) => caller === OWN;
    const own = told.callers.filter(isOwn).reduce((sum, { reads }) => sum + reads, 0);
    return {
      ...told,
      own,
      reads: told.reads - own,
      callers: told.callers.filter((caller) => !isOwn(caller)),
      blocking: told.blocking.filter((reason) => !reason.startsWith(OWN)),
    };
  };
  return { ...test, call, status, url };
}

describe("the legacy product API", () => {
  test("answers from the MRP's tables, page by page, and says in its headers that it will go", async () => {
    const { call } = await startLegacy();
    const first = await call("/api/product-models?limit=3");
    expect(first).toMatchObject({ status: 200, body: { hasMore: true, data: [{ id: "lx21" }, {}, {}] } });
    expect(first.headers.get("deprecation")).toBe("@1795219200");
    expect(first.headers.get("sunset")).toBe("Sun, 21 Nov 2027 00:00:00 GMT");
    expect(first.headers.get("link")).toBe('<http://127.0.0.1:4000/graphql>; rel="successor-version"');
    const rest = await call(`/api/product-models?limit=3&cursor=${first.body.nextCursor}`);
    expect(rest.body).toMatchObject({
      hasMore: false,
      nextCursor: null,
      data: [{ id: "lx26", code: "LX26" }],
    });
    const trims = await call("/api/product-models/lx24/trims");
    expect(trims.body.data.map(({ id }: { id: string }) => id)).toEqual([
      "lx24-base",
      "lx24-luxury",
      "lx24-sport",
    ]);
    expect(trims.body.data[0]).toMatchObject({ productModelId: "lx24", name: "Base", isActive: true });
  });

  test.each([
    ["without a token", "/api/product-models", undefined, 401, "UNAUTHENTICATED"],
    ["with a bad token", "/api/product-models", "not-a-token", 401, "UNAUTHENTICATED"],
    ["for an unknown model", "/api/product-models/nope/trims", "good", 404, "NOT_FOUND"],
    ["with a bad limit", "/api/product-models?limit=0", "good", 400, "BAD_USER_INPUT"],
    ["with a bad cursor", "/api/product-models?cursor=x", "good", 400, "BAD_USER_INPUT"],
  ])("refuses a call %s, with the same headers", async (_what, path, token, status, code) => {
    const { call } = await startLegacy();
    const answer = await call(path, { token: token === "good" ? await tokenFor() : token });
    expect(answer).toMatchObject({ status, body: { title: code, status } });
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.headers.has("sunset")).toBe(true);
  });

  test("refuses a token without the scope, and every token when it knows no keys", async () => {
    const { call } = await startLegacy();
    expect(await call("/api/product-models", { token: await tokenFor({ scopes: [] }) })).toMatchObject({
      status: 403,
      body: { detail: "Missing scope: plm.view" },
    });
    const keyless = await startLegacy({ JWT_SECRET: "" });
    expect(await keyless.call("/api/product-models")).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining("set JWT_SECRET or JWT_JWKS_URL") },
    });
  });

  test("is gone when its time has come, and names its successor", async () => {
    const { call, status } = await startLegacy({ LEGACY_API_MODE: "gone" });
    const answer = await call("/api/product-models");
    expect(answer).toMatchObject({
      status: 410,
      body: { title: "GONE", status: 410, successor: "http://127.0.0.1:4000/graphql" },
    });
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.headers.get("link")).toContain('rel="successor-version"');
    expect(await call("/api/product-models/lx24/trims")).toMatchObject({ status: 410 });
    expect(await status()).toMatchObject({ mode: "GONE", callers: [] });
  });

  test("counts its reads by caller and endpoint, for people and for the metrics", async () => {
    const { call, status, url } = await startLegacy();
    await call("/api/product-models");
    await call("/api/product-models");
    await call("/api/product-models/lx24/trims", { token: await tokenFor({ subject: "report" }) });
    expect(await status()).toMatchObject({
      mayRetire: false,
      reads: 3,
      retentionMonths: 12,
      mode: "WARN",
      callers: [
        { caller: "old-erp", endpoint: "GET /api/product-models", reads: 2 },
        { caller: "report", endpoint: "GET /api/product-models/:id/trims", reads: 1 },
      ],
      blocking: [
        "old-erp read GET /api/product-models 2 times in the last 30 days",
        "report read GET /api/product-models/:id/trims 1 time in the last 30 days",
        "the product tables may still change: switch PLM_IS_SOURCE_OF_TRUTH on first",
      ],
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('legacy_product_reads_total{endpoint="GET /api/product-models"} 2');
  });

  test("counts an answered read even when the count itself fails, in the log", async () => {
    const { call } = await startLegacy();
    await sql`alter table catalog.legacy_reads rename to away`.execute(database.db);
    expect(await call("/api/product-models")).toMatchObject({ status: 200 });
    await sql`alter table catalog.away rename to legacy_reads`.execute(database.db);
  });
});

describe("the retirement of the product tables", () => {
  test("is refused until nobody has read them for the days that are asked for", async () => {
    const { call, status, clock } = await startLegacy({ PLM_IS_SOURCE_OF_TRUTH: "true" });
    expect(await status()).toMatchObject({ mayRetire: true, blocking: [], plmIsSourceOfTruth: true });
    await call("/api/product-models");
    expect(await status()).toMatchObject({ mayRetire: false, reads: 1 });
    clock.advance(30 * 86_400_000);
    expect(await status()).toMatchObject({ mayRetire: true, reads: 0 });
    expect(await status(31)).toMatchObject({ mayRetire: false, reads: 1 });
  });

  test("is done for every replica, and undone, by an administrator with a reason, and written down", async () => {
    const { call, as, status } = await startLegacy({ PLM_IS_SOURCE_OF_TRUTH: "true" });
    const retire = async (retired: boolean, reason: string) => {
      const mutation = `mutation ($retired: Boolean!, $reason: String!) {
        setLegacyApiRetired(retired: $retired, reason: $reason) {
          __typename ... on LegacyRetirementStatus { mode retiredAt } ... on UserError { code message } } }`;
      return (await as(admin, mutation, { retired, reason })).data.setLegacyApiRetired;
    };
    expect(await retire(true, " ")).toMatchObject({ code: "BAD_USER_INPUT" });
    expect(await retire(true, "nobody is left")).toEqual({
      __typename: "LegacyRetirementStatus",
      mode: "GONE",
      retiredAt: expect.any(String),
    });
    expect(await call("/api/product-models")).toMatchObject({ status: 410 });
    expect(await retire(false, "the ERP came back")).toMatchObject({ mode: "WARN", retiredAt: null });
    expect(await call("/api/product-models")).toMatchObject({ status: 200 });
    expect(await retire(true, "again")).toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("old-erp read GET /api/product-models 1 time in the last 30 days"),
    });
    expect(await status()).toMatchObject({ mode: "WARN" });
    const { data } = await as(admin, "{ auditLog(first: 4) { edges { node { action outcome } } } }");
    expect(data.auditLog.edges.map(({ node }: { node: { outcome: string } }) => node.outcome)).toEqual([
      "DENIED",
      "SUCCEEDED",
      "SUCCEEDED",
      "DENIED",
    ]);
  });

  test("counts what the catalogue itself reads of them, which ends when the PLM is in charge", async () => {
    const before = await startLegacy();
    await before.ask('{ model(id: "lx24") { features { id } } }');
    const told = await before.status();
    expect(told.own).toBeGreaterThan(0);
    expect(told.mayRetire).toBe(false);
    await sql`delete from catalog.legacy_reads`.execute(database.db);
    const after = await startLegacy({ PLM_IS_SOURCE_OF_TRUTH: "true" });
    const { data } = await after.ask('{ model(id: "lx24") { id features { id provenance { source } } } }');
    expect(data.model.id).toBe("lx24");
    expect(data.model.features[0]).toEqual({
      id: "lx24-powertrain-engine-v6-250",
      provenance: { source: "PLM" },
    });
    expect(await after.status()).toMatchObject({ own: 0, mayRetire: true });
  });

  test("looks back for 1 to 365 days", async () => {
    const { status } = await startLegacy();
    expect(await status(0)).toMatchObject({ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] });
  });
});

describe("a change of a product through the legacy API", () => {
  const patch = async (body: object, token: string) =>
    ({
      method: "PATCH",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
      token,
    }) as const;

  test("is an administrator's while the PLM is not enabled for all models", async () => {
    const { call } = await startLegacy({ PLM_MODE: "shadow" });
    const token = await tokenFor({ scopes: ["plm.view", "plm.admin"], role: "admin" });
    expect(await call("/api/product-models/lx24", await patch({ name: "New" }, token))).toMatchObject({
      status: 200,
      body: { data: { id: "lx24", name: "New" } },
    });
    expect(await call("/api/product-models/lx24", await patch({ name: "" }, token))).toMatchObject({
      status: 400,
      body: { field: "name" },
    });
    expect(await call("/api/product-models/nope", await patch({ name: "X" }, token))).toMatchObject({
      status: 404,
    });
    expect(
      await call("/api/product-models/lx24", await patch({ name: "X" }, await tokenFor())),
    ).toMatchObject({
      status: 403,
    });
  });

  test.each([
    ["the PLM is the source of truth", { PLM_IS_SOURCE_OF_TRUTH: "true", PLM_MODE: "shadow" }],
    ["the PLM is enabled for all models", { PLM_MODE: "enabled" }],
  ])("is refused once %s", async (_why, env: Record<string, string>) => {
    const { call } = await startLegacy(env);
    const token = await tokenFor({ scopes: ["plm.admin"], role: "admin" });
    expect(await call("/api/product-models/lx24", await patch({ name: "New" }, token))).toMatchObject({
      status: 409,
      body: { title: "PLM_IS_SOURCE_OF_TRUTH", detail: expect.stringContaining("kept in the PLM") },
    });
  });
});

describe("the product tables once the PLM is the source of truth", () => {
  const statements: [string][] = [
    ["insert into catalog.product_models (id, code, name) values ('x', 'X', 'X')"],
    ["update catalog.product_trims set name = name || '!'"],
    ["delete from catalog.configuration_dependencies"],
    ["update catalog.configuration_options set is_active = false"],
  ];
  test.each(statements)("refuse: %s", async (statement) => {
    await startOrders(database, { PLM_IS_SOURCE_OF_TRUTH: "true" });
    await expect(sql.raw(statement).execute(database.db)).rejects.toThrow("PLM_IS_SOURCE_OF_TRUTH");
  });

  test("can be read, seeded again without a change, and written to after a step back", async () => {
    const { create } = await startOrders(database, { PLM_IS_SOURCE_OF_TRUTH: "true" });
    await seedDemo(database.db);
    await expect(create()).resolves.toMatchObject({ __typename: "WorkOrderSuccess" });
    await startOrders(database, { PLM_IS_SOURCE_OF_TRUTH: "false", PLM_MODE: "shadow" });
    await sql`update catalog.product_trims set name = name || '!'`.execute(database.db);
  });
});
