import { describe, expect, test } from "vitest";
import type { Catalogue, Features, ModelConfig, Trim } from "../../mocks/plm/resources.ts";
import { askForToken, DEV_CREDENTIALS, startPlm, type PlmUnderTest } from "./plm-client.ts";

const GRANT = { grant_type: "client_credentials" };
const modelOf = async (plm: PlmUnderTest, code: string) => {
  const { models } = await plm.get<Catalogue>("/plm/catalog");
  const model = models.find((candidate) => candidate.code === code);
  if (!model) throw new Error(`${code} is not in the catalogue`);
  return model;
};

describe("tokens", () => {
  test("issues opaque bearer tokens for form and Basic credentials", async () => {
    const plm = await startPlm({ tokenTtlSeconds: 90 });
    const byForm = await askForToken(plm.url, { ...GRANT, ...DEV_CREDENTIALS });
    const basic = `Basic ${Buffer.from("mrp-dev:mrp-dev-secret").toString("base64")}`;
    const byBasic = await askForToken(plm.url, GRANT, { authorization: basic });
    for (const response of [byForm, byBasic]) {
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await response.json()).toMatchObject({ token_type: "Bearer", expires_in: 90 });
    }
  });

  test.each([
    [{ ...GRANT, ...DEV_CREDENTIALS, client_secret: "wrong" }, 401, "invalid_client"],
    [GRANT, 401, "invalid_client"],
    [{ ...DEV_CREDENTIALS, grant_type: "password" }, 400, "unsupported_grant_type"],
  ])("refuses %j", async (form, status, error) => {
    const plm = await startPlm();
    const response = await askForToken(plm.url, form);
    expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ error })]);
  });

  test("end when their time is up", async () => {
    const time = { ms: 0 };
    const clock = { now: () => new Date(time.ms), monotonicMs: () => time.ms };
    const plm = await startPlm({ tokenTtlSeconds: 60, clock });
    time.ms = 59_999;
    expect((await plm.call("/plm/catalog")).status).toBe(200);
    time.ms = 60_000;
    const response = await plm.call("/plm/catalog");
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
  });

  test("end all at once when they are revoked", async () => {
    const plm = await startPlm();
    const revoked = await fetch(`${plm.url}/_revoke`, { method: "POST" });
    expect(await revoked.json()).toEqual({ revoked: 1 });
    expect((await plm.call("/plm/catalog")).status).toBe(401);
  });

  test("are necessary for the API", async () => {
    const plm = await startPlm();
    const response = await fetch(`${plm.url}/plm/catalog`);
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="plm"']);
  });
});

describe("answers", () => {
  test("carry the caller's correlation id, the schema version and an etag", async () => {
    const plm = await startPlm();
    const response = await plm.call("/plm/catalog", { headers: { "x-correlation-id": "from-the-caller" } });
    expect(response.headers.get("x-correlation-id")).toBe("from-the-caller");
    expect(response.headers.get("x-plm-schema-version")).toBe("1.4.0");
    expect(response.headers.get("etag")).toMatch(/^"[\w-]{22}"$/);
    expect(await response.json()).toMatchObject({ schemaVersion: "1.4.0", correlationId: "from-the-caller" });
  });

  test("have a correlation id of their own when the caller sends none", async () => {
    const plm = await startPlm();
    const ids = [await plm.call("/plm/catalog"), await plm.call("/plm/catalog")].map((r) =>
      r.headers.get("x-correlation-id"),
    );
    expect(new Set(ids).size).toBe(2);
  });

  test.each(["/plm/catalog", "config", "trim", "features"])(
    "are 304 for %s when nothing changed",
    async (what) => {
      const plm = await startPlm();
      const { id, trims } = await modelOf(plm, "LX26");
      const paths: Record<string, string> = {
        config: `/plm/models/${id}/config`,
        trim: `/plm/trims/${trims[0]?.id}`,
        features: `/plm/features?modelId=${id}`,
      };
      const path = paths[what] ?? what;
      const etag = (await plm.call(path)).headers.get("etag") ?? "";
      const again = await plm.call(path, { headers: { "if-none-match": `"other", W/${etag}` } });
      expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([304, etag, ""]);
    },
  );

  test.each(["/plm/models/LX24/config", "/plm/trims/nobody", "/plm/features?modelId=nobody"])(
    "are a 404 problem for %s, because only the PLM's own ids are known",
    async (path) => {
      const plm = await startPlm();
      const response = await plm.call(path);
      expect([response.status, response.headers.get("content-type")]).toEqual([
        404,
        expect.stringContaining("application/problem+json"),
      ]);
      expect(response.headers.get("x-plm-schema-version")).toBe("1.4.0");
    },
  );
});

describe("resources", () => {
  test("lists every model and trim with an opaque id and the code that the MRP knows", async () => {
    const plm = await startPlm();
    const { models } = await plm.get<Catalogue>("/plm/catalog");
    expect(models.map(({ code, trims }) => [code, trims.map((trim) => trim.name)])).toEqual([
      ["LX24", ["Base", "Sport", "Luxury"]],
      ["LX26", ["Base", "Sport", "Luxury", "Premium"]],
      ["LX22", ["Base", "Sport", "Luxury"]],
      ["LX21", ["Base", "Angler Pro"]],
    ]);
    expect(models[0]?.id).toMatch(/^plm-mod-[0-9a-f]{12}$/);
  });

  test("shows a trim with its model", async () => {
    const plm = await startPlm();
    const model = await modelOf(plm, "LX21");
    const trim = await plm.get<Trim>(`/plm/trims/${model.trims[1]?.id}`);
    expect(trim).toMatchObject({ code: "LX21-ANGLER-PRO", model: { id: model.id, code: "LX21" } });
  });

  test("shows the configuration with rules that reach across sections", async () => {
    const plm = await startPlm();
    const config = await plm.get<ModelConfig>(`/plm/models/${(await modelOf(plm, "LX26")).id}/config`);
    const options = config.sections.flatMap(({ components }) => components.flatMap((c) => c.options));
    const nameOf = (id: string) => options.find((option) => option.id === id)?.partNumber;
    expect(config.sections.map(({ code, trimId }) => [code, trimId === null])).toEqual([
      ["ELECTRICAL", true],
      ["PERFORMANCE", true],
      ["LUXURY_COMFORT", false],
    ]);
    expect(
      config.rules.map((rule) => [nameOf(rule.optionId), rule.type, nameOf(rule.targetOptionId)]),
    ).toEqual([
      ["LX26-BATTERY-LITHIUM-300", "REQUIRES", "LX26-CHARGER-AMP-50"],
      ["LX26-STEREO-CONCERT", "REQUIRES", "LX26-LIGHTING-RGB"],
    ]);
  });

  test("unites the features of the model and of the trim", async () => {
    const plm = await startPlm();
    const { id, trims } = await modelOf(plm, "LX22");
    const sectionsFor = async (query: string) => {
      const { features } = await plm.get<Features>(`/plm/features?modelId=${id}${query}`);
      return [...new Set(features.map(({ section }) => section.code))];
    };
    expect(await sectionsFor(`&trimId=${trims[0]?.id}`)).toEqual(["ADVENTURE"]);
    expect(await sectionsFor(`&trimId=${trims[2]?.id}`)).toEqual(["ADVENTURE", "LUXURY"]);
    expect(await sectionsFor("")).toEqual(["ADVENTURE", "LUXURY"]);
  });

  test("refuses features without a model, or for a trim of another model", async () => {
    const plm = await startPlm();
    const [lx22, lx24] = [await modelOf(plm, "LX22"), await modelOf(plm, "LX24")];
    expect((await plm.call("/plm/features")).status).toBe(400);
    expect((await plm.call(`/plm/features?modelId=${lx22.id}&trimId=${lx24.trims[0]?.id}`)).status).toBe(404);
  });

  test("generates a catalogue of any size", async () => {
    const plm = await startPlm({ models: 50 });
    const { models } = await plm.get<Catalogue>("/plm/catalog");
    expect([models.length, models.at(-1)?.code, models.at(-1)?.trims.length]).toEqual([50, "M050", 3]);
    const config = await plm.get<ModelConfig>(`/plm/models/${models[49]?.id}/config`);
    expect([config.sections.length, config.rules.length]).toEqual([3, 1]);
  });
});

describe("usage metrics", () => {
  const event = (id: string) => ({
    id,
    type: "COMPLETE",
    workOrderId: "wo-1",
    occurredAt: "2025-01-15T08:00:00Z",
  });
  const post = (plm: PlmUnderTest, key: string | undefined, body: unknown) =>
    plm.call("/plm/usage-metrics", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      body: JSON.stringify(body),
    });

  test("counts each event once by its id, over keys and within a batch", async () => {
    const plm = await startPlm();
    const first = await post(plm, "batch-1", { events: [event("a"), event("b"), event("a")] });
    expect([first.status, await first.json()]).toEqual([
      202,
      expect.objectContaining({ data: { accepted: 2, duplicates: 1 } }),
    ]);
    const second = await post(plm, "batch-2", { events: [event("b"), event("c")] });
    expect(await second.json()).toMatchObject({ data: { accepted: 1, duplicates: 1 } });
    expect(await (await fetch(`${plm.url}/_usage`)).json()).toEqual({
      events: 3,
      duplicates: 2,
      batches: 2,
      byType: { COMPLETE: 3 },
      byWorkOrder: { "wo-1": 3 },
    });
  });

  test("gives the first answer again for the same key, and refuses it for another batch", async () => {
    const plm = await startPlm();
    await post(plm, "batch-1", { events: [event("a")] });
    const again = await post(plm, "batch-1", { events: [event("a")] });
    expect(await again.json()).toMatchObject({ data: { accepted: 1, duplicates: 0 } });
    expect((await post(plm, "batch-1", { events: [event("b")] })).status).toBe(422);
    expect(plm.mock.usage()).toMatchObject({ events: 1, batches: 1 });
  });

  test.each([
    [undefined, { events: [event("a")] }, "Idempotency-Key"],
    ["k", {}, "events"],
    ["k", { events: [] }, "events"],
    ["k", { events: [event("a"), { ...event("b"), occurredAt: "yesterday" }] }, "events[1].occurredAt"],
    ["k", { events: ["a"] }, "events[0]"],
  ])("refuses key %s with %j and names %s", async (key, body, field) => {
    const plm = await startPlm();
    const response = await post(plm, key, body);
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ field })]);
    expect(plm.mock.usage().events).toBe(0);
  });
});

describe("request log", () => {
  test("counts calls by path, faults included, and starts anew when it is reset", async () => {
    const plm = await startPlm();
    plm.mock.setFaults([{ path: "/plm/catalog", mode: "down", count: 1 }]);
    await plm.call("/plm/catalog").catch(() => "no answer");
    await plm.call("/plm/catalog?x=1", { headers: { "x-correlation-id": "c-1" } });
    expect(await (await fetch(`${plm.url}/_requests`)).json()).toEqual({
      "/oauth/token": 1,
      "/plm/catalog": 2,
    });

    const details = (await (await fetch(`${plm.url}/_requests?details=1`)).json()) as { last: unknown[] };
    expect(details.last.slice(1)).toEqual([
      { method: "GET", path: "/plm/catalog", correlationId: expect.any(String), status: null },
      { method: "GET", path: "/plm/catalog", correlationId: "c-1", status: 200 },
    ]);

    await fetch(`${plm.url}/_requests`, { method: "DELETE" });
    expect(plm.mock.requests()).toEqual({});
  });
});
