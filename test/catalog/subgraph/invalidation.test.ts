import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signWebhook } from "../../../lib/webhook-signature.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { component, model, option, section, startPartner } from "../partners/support.ts";
import { revised, startCatalog, startPlm, startReplica } from "../support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const SECRET = `whsec_${randomBytes(32).toString("base64")}`;
const BILL = `query ($asOf: DateTime) { model(id: "gear") { bom(asOf: $asOf) { revision
  flatLines(first: 10) { edges { node { partNumber } } } } } }`;
const NAME = '{ model(id: "lx24") { description provenance { source } } }';
const RENAMED = revised("24-foot tow boat that takes the family along", "new");

const post = (url: string, body: string, { id = "msg_1", secret = SECRET } = {}) =>
  fetch(`${url}/webhooks/plm/invalidate`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...signWebhook(secret, { id, timestampSeconds: Math.floor(Date.now() / 1000), body }),
    },
    body,
  });

describe("an invalidation by the PLM", () => {
  test("makes every replica ask again, and the same message is heard once", async () => {
    const { plm, baseUrl } = await startPlm();
    const env = { PLM_BASE_URL: baseUrl, WEBHOOK_SECRET_PLM: SECRET };
    const test = await startCatalog(database, env);
    const other = await startReplica(database, env);
    const url = await test.subgraph.listen();
    for (const replica of [test, other]) await replica.ask(NAME);
    plm.setModels(RENAMED);
    const catalogueCalls = () => plm.requests()["/plm/catalog"] ?? 0;
    const before = catalogueCalls();
    const body = JSON.stringify({ model_ids: ["lx24"] });
    await expect(post(url, body)).resolves.toMatchObject({ status: 202 });
    await waitFor(async () => (await other.ask(NAME)).data.model.provenance.source === "PLM");
    await waitFor(() => catalogueCalls() >= before + 2);
    await waitFor(async () => (await test.ask(NAME)).data.model.provenance.source === "PLM_CACHE");
    const after = catalogueCalls();
    await expect(post(url, body)).resolves.toMatchObject({ status: 202 });
    await expect(test.ask(NAME)).resolves.toMatchObject({
      data: { model: { provenance: { source: "PLM_CACHE" } } },
    });
    expect(catalogueCalls()).toBe(after);
  });

  test.each([
    ["a wrong signature", '{"all":true}', { secret: `whsec_${Buffer.alloc(32).toString("base64")}` }, 401],
    ["nothing to invalidate", "{}", {}, 400],
    ["no JSON", "all", {}, 400],
  ])("with %s is refused", async (_why, body, options, status) => {
    const { subgraph } = await startCatalog(database, { WEBHOOK_SECRET_PLM: SECRET });
    await expect(post(await subgraph.listen(), body, options)).resolves.toMatchObject({ status });
  });

  test("brings a changed bill into the history, under the revision that bills and orders show", async () => {
    const gear = (partNumber: string) => ({
      sections: [section("S", [component("C", [option("A", { partNumber })])])],
    });
    const partner = await startPartner(
      database,
      { models: [model("GEAR")], configurations: { "model-GEAR": gear("P-1") } },
      { WEBHOOK_SECRET_PLM: SECRET },
    );
    const url = await partner.subgraph.listen();
    const billOf = async (asOf?: string) => {
      const { data, errors } = await partner.ask(BILL, { asOf });
      expect(errors).toBeUndefined();
      const { revision, flatLines } = data.model.bom;
      return { revision, partNumber: flatLines.edges.at(-1).node.partNumber };
    };
    expect(await billOf()).toEqual({ revision: 1, partNumber: "P-1" });
    partner.data.configurations["model-GEAR"] = gear("P-2");
    const body = JSON.stringify({ model_ids: ["model-GEAR"] });
    await expect(post(url, body, { id: "msg_gear" })).resolves.toMatchObject({ status: 202 });
    await waitFor(async () => (await billOf()).partNumber === "P-2", { timeoutMs: 60_000 });
    const { workOrder } = await partner.create({ modelId: "gear" });
    expect(workOrder.options).toMatchObject([{ partNumber: "P-2" }]);
    expect(await billOf()).toEqual({ revision: 2, partNumber: "P-2" });
    expect(await billOf(new Date().toISOString())).toEqual({ revision: 2, partNumber: "P-2" });
  });

  test("with an id that is too long is refused with the bound", async () => {
    const { subgraph } = await startCatalog(database, { WEBHOOK_SECRET_PLM: SECRET });
    const response = await post(await subgraph.listen(), '{"all":true}', { id: "x".repeat(257) });
    expect(response.status).toBe(401);
    expect(await response.text()).toContain("webhook-id has 257 characters; 256 are allowed");
  });

  test("is refused when no secret is set", async () => {
    const { subgraph } = await startCatalog(database);
    await expect(post(await subgraph.listen(), '{"all":true}')).resolves.toMatchObject({ status: 401 });
  });
});

describe("an invalidation by a person", () => {
  test("says how many entries expired, which may still stand in for a PLM that is down", async () => {
    const test = await startCatalog(database);
    await test.ask(NAME);
    test.plm.setFaults([{ path: "*", mode: "down" }]);
    const one = await test.administer('mutation { invalidatePlmCache(modelId: "lx24") }');
    expect(one.data).toEqual({ invalidatePlmCache: 2 });
    const { data } = await test.administer("mutation { invalidatePlmCache }");
    expect(data).toEqual({ invalidatePlmCache: 5 });
    await expect(test.ask(NAME)).resolves.toMatchObject({
      data: { model: { provenance: { source: "PLM_STALE" } } },
    });
  });

  test("can say that a much smaller catalogue is right", async () => {
    const test = await startCatalog(database);
    const sources = "{ models { totalCount edges { node { provenance { source fallbackReason } } } } }";
    await test.ask(sources);
    test.plm.setModels(revised("", "").slice(0, 1));
    await test.administer("mutation { invalidatePlmCache }");
    const guarded = (await test.ask(sources)).data.models;
    expect(guarded.edges[0].node.provenance).toEqual({ source: "PLM_STALE", fallbackReason: "SHRUNK" });
    await test.administer("mutation { invalidatePlmCache(acceptShrink: true) }");
    await waitFor(async () => {
      const { edges } = (await test.ask(sources)).data.models;
      return edges.some(
        ({ node }: { node: { provenance: { source: string } } }) => node.provenance.source === "MRP",
      );
    });
  });
});
