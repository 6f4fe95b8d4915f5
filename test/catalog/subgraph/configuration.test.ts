import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { revised, startCatalog } from "../support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const CONFIG = (id: string) => expect.stringMatching(new RegExp(`^plm-${id}-`));
const FEATURES = `query ($modelId: ID!, $trimId: ID) { features(modelId: $modelId, trimId: $trimId) {
  id plmId code name partNumber isDefault trimCode isSelectable section { code } component { code allowsMultiple }
  requires { id isOffered } excludes { id } provenance { source fallbackReason plmCorrelationId } } }`;
const BOM = `query ($id: ID!, $trimId: ID, $asOf: DateTime) { model(id: $id) { bom(trimId: $trimId, asOf: $asOf) {
  revision asOf provenance { source } lines { path level kind position quantity children {
    path level partNumber children { path level kind partNumber quantity isDefault } } } } } }`;
const DIFF = `query ($from: BomReference!, $to: BomReference!) { bomDiff(from: $from, to: $to) {
  kind path fields before { partNumber } after { partNumber } } }`;

describe("the features of a trim", () => {
  test("are those of the whole model and its own, under the MRP's ids and with the PLM's", async () => {
    const { ask } = await startCatalog(database);
    const { data, errors } = await ask(FEATURES, { modelId: "lx26", trimId: "lx26-luxury" });
    expect(errors).toBeUndefined();
    expect(data.features).toHaveLength(14);
    expect(data.features[1]).toEqual({
      id: "lx26-electrical-battery-lithium-300",
      plmId: CONFIG("opt"),
      code: "LITHIUM-300",
      name: "300 Ah lithium battery bank",
      partNumber: "LX26-BATTERY-LITHIUM-300",
      isDefault: false,
      trimCode: null,
      isSelectable: true,
      section: { code: "ELECTRICAL" },
      component: { code: "BATTERY", allowsMultiple: false },
      requires: [{ id: "lx26-electrical-charger-amp-50", isOffered: true }],
      excludes: [],
      provenance: { source: "PLM", fallbackReason: null, plmCorrelationId: "test-1" },
    });
    const own = data.features.filter(({ trimCode }: { trimCode: string | null }) => trimCode !== null);
    expect(own).toHaveLength(4);
  });

  test("may be there and yet not be selectable: what they require is for another trim", async () => {
    const { ask } = await startCatalog(database);
    const concertOf = async (trimId: string) => {
      const { data } = await ask(FEATURES, { modelId: "lx26", trimId });
      return data.features.find(({ code }: { code: string }) => code === "CONCERT");
    };
    await expect(concertOf("lx26-base")).resolves.toMatchObject({
      isSelectable: false,
      requires: [{ isOffered: false }],
    });
    await expect(concertOf("lx26-luxury")).resolves.toMatchObject({
      isSelectable: true,
      requires: [{ isOffered: true }],
    });
  });

  test("come from the MRP, the same ones, while the PLM is down", async () => {
    const { ask, plm } = await startCatalog(database);
    const args = { modelId: "lx26", trimId: "lx26-luxury" };
    const codes = async () =>
      (await ask(FEATURES, args)).data.features.map(({ id, requires }: Record<string, unknown>) => ({
        id,
        requires,
      }));
    const ofPlm = await codes();
    const alone = await startCatalog(database);
    alone.plm.setFaults([{ path: "*", mode: "down" }]);
    const { data } = await alone.ask(FEATURES, args);
    expect(data.features[0].provenance).toMatchObject({ source: "MRP", fallbackReason: "UNAVAILABLE" });
    expect(data.features.map(({ id, requires }: Record<string, unknown>) => ({ id, requires }))).toEqual(
      ofPlm,
    );
    expect(plm.requests()).toMatchObject({ "/plm/catalog": 1 });
  });

  test.each([
    [{ modelId: "lx99" }, 'Model "lx99" does not exist'],
    [{ modelId: "lx24", trimId: "lx26-base" }, 'Trim of LX24 "lx26-base" does not exist'],
  ])("of %o do not exist", async (args, message) => {
    const { ask } = await startCatalog(database);
    const { errors } = await ask(FEATURES, args);
    expect(errors).toMatchObject([{ message, extensions: { code: "NOT_FOUND" } }]);
  });

  test("are the same through the model and through the trim", async () => {
    const { ask, plm } = await startCatalog(database);
    const { data } = await ask(`{ model(id: "lx24") { features(trimId: "lx24-base") { id } }
      trim(id: "lx24-base") { features { id } } }`);
    expect(data.trim.features).toEqual(data.model.features);
    const configs = Object.keys(plm.requests()).filter((path) => path.endsWith("/config"));
    expect(configs.map((path) => plm.requests()[path])).toEqual([1]);
  });
});

describe("a bill of materials", () => {
  test("has sections, components and options with parts and quantities", async () => {
    const { ask } = await startCatalog(database);
    const { data, errors } = await ask(BOM, { id: "lx24" });
    expect(errors).toBeUndefined();
    const { bom } = data.model;
    expect(bom).toMatchObject({ revision: 1, provenance: { source: "PLM" } });
    expect(bom.lines.map(({ path, level, kind }: Record<string, unknown>) => [path, level, kind])).toEqual([
      ["POWERTRAIN", 1, "SECTION"],
      ["AUDIO", 1, "SECTION"],
    ]);
    const [component] = bom.lines[1].children;
    expect(component).toMatchObject({ level: 2, partNumber: null });
    expect(component.children[0]).toMatchObject({
      level: 3,
      kind: "OPTION",
      partNumber: expect.stringMatching(/^LX24-/),
      quantity: 1,
      isDefault: true,
    });
  });

  test("can be shown as it was: a change makes a new revision, and the old one stays", async () => {
    const { ask, clock, plm } = await startCatalog(database);
    await ask(BOM, { id: "lx24" });
    const before = new Date(Date.now() + 1_000).toISOString();
    clock.advance(700_000);
    plm.setModels(revised("LX24-SPEAKERS-PREMIUM", "LX24-SPEAKERS-PREMIUM-B"));
    const now = (await ask(BOM, { id: "lx24" })).data.model.bom;
    expect(now).toMatchObject({ revision: 2 });
    const then = (await ask(BOM, { id: "lx24", asOf: before })).data.model.bom;
    expect(then).toMatchObject({ revision: 1, asOf: before, provenance: { source: "PLM_CACHE" } });
    const { data } = await ask(DIFF, { from: { modelId: "lx24", asOf: before }, to: { modelId: "lx24" } });
    expect(data.bomDiff).toEqual([
      {
        kind: "CHANGED",
        path: "AUDIO/SPEAKERS/PREMIUM",
        fields: ["partNumber"],
        before: { partNumber: "LX24-SPEAKERS-PREMIUM" },
        after: { partNumber: "LX24-SPEAKERS-PREMIUM-B" },
      },
    ]);
  });

  test.each([
    ["2001-01-01T00:00:00.000Z", "NOT_FOUND"],
    ["2999-01-01T00:00:00.000Z", "BAD_USER_INPUT"],
  ])("as of %s is refused with %s", async (asOf, code) => {
    const { ask } = await startCatalog(database);
    const { errors } = await ask(BOM, { id: "lx24", asOf });
    expect(errors).toMatchObject([{ path: ["model", "bom"], extensions: { code } }]);
  });

  test("of two trims differs by the sections of their own", async () => {
    const { ask } = await startCatalog(database);
    const of = (trimId: string) => ({ modelId: "lx26", trimId });
    const { data } = await ask(DIFF, { from: of("lx26-base"), to: of("lx26-luxury") });
    expect(data.bomDiff).toHaveLength(7);
    expect(
      data.bomDiff.every(
        ({ kind, path }: Record<string, string>) => kind === "ADDED" && path?.includes("LUXURY_COMFORT"),
      ),
    ).toBe(true);
  });
});

describe("the uses of a part", () => {
  test("are found over all models, with the trim that has it", async () => {
    const { ask } = await startCatalog(database);
    const uses = async (partNumber: string) =>
      (
        await ask(
          `query ($partNumber: String!) { partUses(partNumber: $partNumber) {
        model { id } trim { id } line { path } provenance { source } } }`,
          { partNumber },
        )
      ).data.partUses;
    await expect(uses("LX26-LIGHTING-RGB")).resolves.toEqual([
      {
        model: { id: "lx26" },
        trim: { id: "lx26-luxury" },
        line: { path: "LX26-LUXURY:LUXURY_COMFORT/LIGHTING/RGB" },
        provenance: { source: "PLM" },
      },
    ]);
    await expect(uses("NOBODY-HAS-IT")).resolves.toEqual([]);
  });
});
