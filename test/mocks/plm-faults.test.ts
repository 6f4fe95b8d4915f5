import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { FaultRuleInput } from "../../mocks/faults.ts";
import type { Catalogue } from "../../mocks/plm/resources.ts";
import { waitFor } from "../../lib/wait.ts";
import { openPlm, startPlm, type CallInit, type PlmUnderTest } from "./plm-client.ts";

let plm: PlmUnderTest;
beforeAll(async () => {
  plm = await openPlm();
});
afterEach(() => plm.mock.setFaults([]));
afterAll(() => plm.mock.close());

const fault = (mode: FaultRuleInput["mode"], rest: Partial<FaultRuleInput> = {}) =>
  plm.mock.setFaults([{ path: "/plm/*", mode, ...rest }]);
const catalog = (init?: CallInit) => plm.call("/plm/catalog", init);
const modelsOf = async (response: Response) => ((await response.json()) as { data: Catalogue }).data.models;

describe("faults that refuse", () => {
  test("down: the connection ends without an answer", async () => {
    fault("down");
    await expect(catalog()).rejects.toThrow("fetch failed");
  });

  test("status: the given status, with Retry-After where it belongs", async () => {
    fault("status", { status: 503 });
    const unavailable = await catalog();
    expect([unavailable.status, unavailable.headers.get("retry-after")]).toEqual([503, "1"]);
    fault("status", { status: 500 });
    const broken = await catalog();
    expect([broken.status, broken.headers.get("retry-after")]).toEqual([500, null]);
  });

  test("rate-limit: 429 with Retry-After", async () => {
    fault("rate-limit");
    const response = await catalog();
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "1"]);
  });

  test("expired-token: 401 for a good token, as often as the count says", async () => {
    fault("expired-token", { count: 1 });
    const first = await catalog();
    expect([first.status, first.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining("expired"),
    ]);
    expect((await catalog()).status).toBe(200);
  });

  test("wrong-content-type: a page of HTML with 200", async () => {
    fault("wrong-content-type");
    const response = await catalog();
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
  });

  test("hang: no answer until the client goes", async () => {
    fault("hang");
    const caller = new AbortController();
    const pending = catalog({ signal: caller.signal });
    await waitFor(() => (plm.mock.requests()["/plm/catalog"] ?? 0) > 0);
    const first = await Promise.race([
      pending,
      new Promise((resolve) => setTimeout(resolve, 50, "nothing yet")),
    ]);
    expect(first).toBe("nothing yet");
    caller.abort();
    await expect(pending).rejects.toThrow("aborted");
  });
});

describe("faults that spoil the answer", () => {
  test("slow: the right answer, late", async () => {
    fault("slow", { latencyMs: 60 });
    const startedMs = performance.now();
    expect(await modelsOf(await catalog())).toHaveLength(4);
    expect(performance.now() - startedMs).toBeGreaterThan(55);
  });

  test("malformed: 200 and JSON that does not parse", async () => {
    fault("malformed");
    const response = await catalog();
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "application/json; charset=utf-8",
    ]);
    await expect(response.json()).rejects.toThrow(SyntaxError);
  });

  test("partial: valid JSON without fields that a reader needs", async () => {
    fault("partial");
    const [model] = await modelsOf(await catalog());
    expect(model).toMatchObject({ id: expect.any(String), description: expect.any(String) });
    expect(model).not.toHaveProperty("code");
    expect(model?.trims[0]).not.toHaveProperty("name");
  });

  test("empty: a catalogue without models, under an etag of its own", async () => {
    const good = await catalog();
    fault("empty");
    const tag = good.headers.get("etag") ?? "";
    const response = await catalog({ headers: { "if-none-match": tag } });
    expect(response.headers.get("etag")).not.toBe(tag);
    expect(await modelsOf(response)).toEqual([]);
  });

  test("reset: the connection breaks in the middle of the body", async () => {
    fault("reset");
    const response = await catalog();
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow("terminated");
  });

  test("reset: the work was done all the same", async () => {
    fault("reset", { path: "/plm/usage-metrics" });
    const event = {
      id: "e-reset",
      type: "COMPLETE",
      workOrderId: "wo-1",
      occurredAt: "2025-01-15T08:00:00Z",
    };
    const response = await plm.call("/plm/usage-metrics", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": "k-reset" },
      body: JSON.stringify({ events: [event] }),
    });
    await expect(response.text()).rejects.toThrow("terminated");
    expect(plm.mock.usage().events).toBe(1);
  });

  test("schema-drift: other field names and types, and another schema version", async () => {
    fault("schema-drift");
    const response = await catalog();
    expect(response.headers.get("x-plm-schema-version")).toBe("2.0.0");
    const body = (await response.json()) as { schemaVersion: string; data: Catalogue };
    expect(body.schemaVersion).toBe("2.0.0");
    expect(body.data.models[0]).toMatchObject({ sku: "LX24", name: ["LX24"] });
  });
});

describe("fault endpoints", () => {
  const put = (body: unknown) =>
    fetch(`${plm.url}/_faults`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  test("sets, shows and heals over HTTP", async () => {
    await put({ rules: [{ path: "/plm/*", mode: "status", status: 502, count: 3 }] });
    expect((await catalog()).status).toBe(502);
    const shown = (await (await fetch(`${plm.url}/_faults`)).json()) as { rules: unknown[] };
    expect(shown.rules).toEqual([
      { path: "/plm/*", mode: "status", status: 502, latencyMs: 0, rate: 1, count: 2 },
    ]);
    await put([]);
    expect((await catalog()).status).toBe(200);
  });

  test("answers 400 naming the field of a bad rule and keeps the old rules", async () => {
    fault("status", { status: 502 });
    const response = await put({ rules: [{ path: "/plm/*", mode: "duplicate" }] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ field: "rules[0].mode", value: '"duplicate"' });
    expect((await catalog()).status).toBe(502);
  });

  test("stays reachable whatever the faults are", async () => {
    plm.mock.setFaults([{ path: "*", mode: "down" }]);
    for (const path of ["/_faults", "/_requests", "/_usage", "/livez"]) {
      expect((await fetch(plm.url + path)).status).toBe(200);
    }
  });
});

describe("closing", () => {
  test("ends requests that hang or wait", async () => {
    const other = await startPlm();
    other.mock.setFaults([
      { path: "/plm/catalog", mode: "hang" },
      { path: "/plm/features", mode: "slow", latencyMs: 600_000 },
    ]);
    const pending = Promise.allSettled([other.call("/plm/catalog"), other.call("/plm/features")]);
    await waitFor(() => other.mock.requests()["/plm/catalog"] && other.mock.requests()["/plm/features"]);
    await other.mock.close();
    expect((await pending).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});

describe("faults of a conditional request", () => {
  const conditional = async () => {
    const etag = (await catalog()).headers.get("etag") ?? "";
    return { etag, ask: () => catalog({ headers: { "if-none-match": etag } }) };
  };

  test("are the same as of any other: bytes are cut although nothing has changed", async () => {
    const { ask } = await conditional();
    expect((await ask()).status).toBe(304);
    fault("malformed");
    const spoiled = await ask();
    expect(spoiled.status).toBe(200);
    await expect(spoiled.json()).rejects.toThrow("JSON");
    fault("reset");
    await expect(ask().then((response) => response.text())).rejects.toThrow("terminated");
    plm.mock.setFaults([]);
    expect((await ask()).status).toBe(304);
  });

  test.each(["partial", "empty", "schema-drift"] as const)(
    "%s: another body under another tag",
    async (mode) => {
      const { etag, ask } = await conditional();
      fault(mode);
      const spoiled = await ask();
      expect(spoiled.status).toBe(200);
      expect(spoiled.headers.get("etag")).not.toBe(etag);
    },
  );

  test.each([
    ["status", 503],
    ["expired-token", 401],
    ["rate-limit", 429],
    ["wrong-content-type", 200],
  ] as const)("%s: refused with %i", async (mode, status) => {
    const { ask } = await conditional();
    fault(mode);
    expect((await ask()).status).toBe(status);
  });
});
