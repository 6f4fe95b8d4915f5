import { describe, expect, test } from "vitest";
import { readCatalogue } from "../../../subgraphs/catalog/products/operations/read-catalogue.ts";
import { answer, ASK, failing, mrpModel, plmModel, start, TTL_MS } from "./support.ts";

describe("a much smaller answer of the PLM", () => {
  const five = ["A", "B", "C", "D", "E"].map((code) => ({ ...plmModel, code, name: code }));
  const after = async (count: number, isShrinkAccepted = false) => {
    const { read, clock, plm } = start({ isShrinkAccepted, mrp: [] });
    plm.readCatalogue.mockResolvedValue({ ...answer, models: five });
    await read();
    plm.readCatalogue.mockResolvedValue({ ...answer, models: five.slice(0, count) });
    clock.advance(TTL_MS);
    return read();
  };

  test("by more than a fifth never replaces the one before, and says so", async () => {
    await expect(after(3)).resolves.toMatchObject({
      names: ["A", "B", "C", "D", "E"],
      provenance: { source: "PLM_STALE", fallbackReason: "SHRUNK" },
    });
  });

  test("by a fifth is what happens to catalogues", async () => {
    await expect(after(4)).resolves.toMatchObject({
      names: ["A", "B", "C", "D"],
      provenance: { source: "PLM" },
    });
  });

  test("is taken when a person has said that it is right", async () => {
    await expect(after(1, true)).resolves.toMatchObject({ names: ["A"], provenance: { source: "PLM" } });
  });
});

describe("a PLM that says it has nothing", () => {
  test("is not asked again for half a minute", async () => {
    const { read, clock, plm } = start();
    plm.readCatalogue.mockImplementation(failing("NOT_IN_PLM"));
    for (let reading = 0; reading < 5; reading += 1) await read();
    expect(plm.readCatalogue).toHaveBeenCalledTimes(1);
    clock.advance(34_000);
    await read();
    expect(plm.readCatalogue).toHaveBeenCalledTimes(2);
  });
});

describe("the mode", () => {
  test("disabled leaves the MRP as the only source, and says so", async () => {
    const { read, refresh, plm, shadow } = start({ mode: "DISABLED" });
    await refresh();
    const reading = await read();
    expect(reading).toMatchObject({ names: ["LX24 of the MRP"] });
    expect(plm.readCatalogue).not.toHaveBeenCalled();
    expect(shadow.catalogueRead).not.toHaveBeenCalled();
  });

  test("shadow lets the MRP answer and has the PLM compared behind its back", async () => {
    const { sources, refresh, plm, shadow } = start({ mode: "SHADOW" });
    await refresh();
    const { catalogue, provenance } = await readCatalogue(sources, ASK);
    expect(catalogue).toMatchObject([{ name: "LX24 of the MRP", origin: "SHADOW" }]);
    expect(provenance.SHADOW).toMatchObject({ source: "MRP", fallbackReason: "SHADOW" });
    expect(plm.readCatalogue).not.toHaveBeenCalled();
    expect(shadow.catalogueRead).toHaveBeenCalledTimes(1);
  });

  test("enabled for one model leaves the others one step behind", async () => {
    const { sources, shadow } = start({
      mode: "ENABLED",
      models: ["lx24"],
      mrp: [mrpModel("LX24"), mrpModel("LX26")],
    });
    const { catalogue } = await readCatalogue(sources, ASK);
    expect(catalogue).toMatchObject([
      { name: "LX24 of the PLM", origin: "PLM" },
      { name: "LX26 of the MRP", origin: "SHADOW" },
    ]);
    expect(shadow.catalogueRead).toHaveBeenCalledTimes(1);
  });
});
