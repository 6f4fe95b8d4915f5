import { describe, expect, test } from "vitest";
import { answer, failing, mrpModel, plmModel, start, TTL_MS } from "./support.ts";

describe("a refresh of the catalogue", () => {
  test("asks the PLM while the cache is fresh, so that changes are seen before its time is over", async () => {
    const { read, refresh, plm } = start();
    await read();
    plm.readCatalogue.mockResolvedValue({ ...answer, models: [{ ...plmModel, name: "renamed" }] });
    await refresh();
    await expect(read()).resolves.toMatchObject({ names: ["renamed"], provenance: { source: "PLM_CACHE" } });
  });

  test("keeps what is known when the PLM fails", async () => {
    const { read, refresh, plm } = start();
    await read();
    plm.readCatalogue.mockImplementation(failing("UNAVAILABLE"));
    await refresh();
    await expect(read()).resolves.toMatchObject({ provenance: { source: "PLM_CACHE", stale: false } });
  });
});

describe("the catalogue with an enabled PLM", () => {
  test("comes from the PLM first, with its correlation id and schema version", async () => {
    const { read, clock } = start();
    await expect(read()).resolves.toMatchObject({
      names: ["LX24 of the PLM"],
      provenance: {
        source: "PLM",
        fetchedAt: clock.now(),
        ageSeconds: 0,
        stale: false,
        fallbackReason: null,
        plmCorrelationId: "plm-77",
        plmSchemaVersion: "1.4.0",
      },
    });
  });

  test("comes from the fresh cache afterwards, with its age and without a call to PLM or MRP", async () => {
    const { read, clock, plm, mrp } = start();
    await read();
    clock.advance(90_500);
    await expect(read()).resolves.toMatchObject({
      provenance: { source: "PLM_CACHE", ageSeconds: 90.5, stale: false, fallbackReason: null },
    });
    expect(plm.readCatalogue).toHaveBeenCalledTimes(1);
    expect(mrp.readProducts).toHaveBeenCalledTimes(1);
  });

  test("comes from the PLM again when the copy is no longer fresh", async () => {
    const { read, clock, plm } = start();
    await read();
    clock.advance(TTL_MS);
    await expect(read()).resolves.toMatchObject({ provenance: { source: "PLM", ageSeconds: 0 } });
    expect(plm.readCatalogue).toHaveBeenCalledTimes(2);
  });

  test("is asked for once, however many need it", async () => {
    const { read, plm } = start();
    await Promise.all(Array.from({ length: 50 }, read));
    expect(plm.readCatalogue).toHaveBeenCalledTimes(1);
  });

  test("marks what the PLM does not have", async () => {
    const { read } = start({ mrp: [mrpModel("LX24"), mrpModel("LX20")] });
    await expect(read()).resolves.toMatchObject({
      names: ["LX20 of the MRP", "LX24 of the PLM"],
      ofMrp: { source: "MRP", fallbackReason: "NOT_IN_PLM" },
    });
  });

  test("lets a failure of the MRP's database be what it is", async () => {
    const { read, mrp } = start();
    mrp.readProducts.mockRejectedValue(new Error("connection lost"));
    await expect(read()).rejects.toThrow("connection lost");
  });
});

describe.each([
  ["TIMEOUT", "PLM_TIMEOUT"],
  ["UNAVAILABLE", "PLM_UNAVAILABLE"],
  ["CIRCUIT_OPEN", "PLM_UNAVAILABLE"],
  ["RATE_LIMITED", "PLM_RATE_LIMITED"],
  ["AUTH_FAILED", "PLM_AUTH_FAILED"],
  ["MALFORMED", "PLM_MALFORMED"],
  ["NOT_IN_PLM", "PLM_NOT_FOUND"],
] as const)("the catalogue when the PLM fails with %s", (reason, code) => {
  test("comes from the old copy, if there is one", async () => {
    const { read, clock, plm } = start();
    await read();
    plm.readCatalogue.mockImplementation(failing(reason));
    clock.advance(TTL_MS + 5_000);
    await expect(read()).resolves.toMatchObject({
      names: ["LX24 of the PLM"],
      provenance: {
        source: "PLM_STALE",
        stale: true,
        ageSeconds: 605,
        fallbackReason: reason,
        plmCorrelationId: "plm-77",
      },
    });
  });

  test("comes from the MRP, if there is no copy", async () => {
    const { read, plm } = start();
    plm.readCatalogue.mockImplementation(failing(reason));
    await expect(read()).resolves.toMatchObject({
      names: ["LX24 of the MRP"],
      provenance: {
        source: "MRP",
        stale: false,
        fallbackReason: reason,
        plmCorrelationId: null,
        plmSchemaVersion: null,
      },
    });
  });

  test("comes from the MRP, if the copy is too old", async () => {
    const { read, clock, plm } = start();
    await read();
    plm.readCatalogue.mockImplementation(failing(reason));
    clock.advance(TTL_MS + 86_400_000);
    await expect(read()).resolves.toMatchObject({ provenance: { source: "MRP", fallbackReason: reason } });
  });

  test(`is refused with ${code} in plain words, if nothing may stand in`, async () => {
    const { read, plm } = start({ fallbackEnabled: false });
    plm.readCatalogue.mockImplementation(failing(reason));
    const error = await read().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.not.stringContaining("raw words") });
  });
});

describe("an empty answer of the PLM", () => {
  test("never replaces an old copy with products", async () => {
    const { read, clock, plm } = start();
    await read();
    plm.readCatalogue.mockResolvedValue({ ...answer, models: [] });
    clock.advance(TTL_MS);
    const stale = {
      names: ["LX24 of the PLM"],
      provenance: { source: "PLM_STALE", fallbackReason: "EMPTY" },
    };
    await expect(read()).resolves.toMatchObject(stale);
    await expect(read()).resolves.toMatchObject(stale);
  });

  test("never replaces the MRP's products", async () => {
    const { read, plm } = start();
    plm.readCatalogue.mockResolvedValue({ ...answer, models: [] });
    await expect(read()).resolves.toMatchObject({
      names: ["LX24 of the MRP"],
      provenance: { source: "MRP", fallbackReason: "EMPTY" },
    });
  });

  test("is as empty with nothing but inactive models", async () => {
    const { read, plm } = start();
    plm.readCatalogue.mockResolvedValue({ ...answer, models: [{ ...plmModel, isActive: false }] });
    await expect(read()).resolves.toMatchObject({ provenance: { fallbackReason: "EMPTY" } });
  });

  test("is no silent empty list where the MRP may not stand in", async () => {
    const { read, plm } = start({ fallbackEnabled: false });
    plm.readCatalogue.mockResolvedValue({ ...answer, models: [] });
    await expect(read()).rejects.toMatchObject({ code: "PLM_NOT_FOUND" });
  });
});

describe("without a cache", () => {
  test("every reading asks the PLM", async () => {
    const { read, plm } = start({ cached: false });
    await read();
    await expect(read()).resolves.toMatchObject({ provenance: { source: "PLM" } });
    expect(plm.readCatalogue).toHaveBeenCalledTimes(2);
  });
});
