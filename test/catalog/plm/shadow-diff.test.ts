import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MrpModel, PlmModel } from "../../../subgraphs/catalog/products/domain/catalogue.ts";
import {
  NO_DETAILS,
  type ConfigurationOption,
  type ModelConfiguration,
} from "../../../subgraphs/catalog/products/domain/configuration.ts";
import { ONE_PIECE, PIECE } from "../../../subgraphs/catalog/products/domain/quantity.ts";
import { shareBounds } from "../../../subgraphs/catalog/plm/domain/measures.ts";
import {
  diffConfigurations,
  diffModels,
  isIgnored,
  steady,
} from "../../../subgraphs/catalog/plm/domain/shadow-diff.ts";

const named = (code: string, more = {}) => ({ code, name: code, description: null, isActive: true, ...more });
const mrp = (code: string, more: Partial<MrpModel> = {}): MrpModel => ({
  id: code,
  ...named(code),
  trims: [],
  ...more,
});
const plm = (code: string, more: Partial<PlmModel> = {}): PlmModel => ({
  plmId: code,
  ...named(code),
  trims: [],
  ...more,
});
const all = () => true;

const option = (code: string, more: Partial<ConfigurationOption> = {}): ConfigurationOption => ({
  id: code,
  plmId: null,
  code,
  name: code,
  partNumber: `PART-${code}`,
  quantity: ONE_PIECE,
  isRequired: false,
  details: NO_DETAILS,
  isDefault: false,
  ...more,
});
const configuration = (
  options: ConfigurationOption[],
  rules: ModelConfiguration["rules"] = [],
): ModelConfiguration => ({
  sections: [
    {
      code: "S",
      name: "S",
      trimCode: null,
      isRequired: true,
      components: [{ code: "C", name: "C", isRequired: true, allowsMultiple: false, options }],
    },
  ],
  rules,
});
const diffsOf = (a: ModelConfiguration, b: ModelConfiguration) =>
  diffConfigurations("LX", a, b).map(({ path, kind, severity }) => `${severity} ${kind} ${path}`);

describe("models of both systems", () => {
  test("that say the same do not differ, whatever their ids", () => {
    expect(diffModels([mrp("LX24")], [plm("LX24")], all).get("LX24")).toEqual([]);
  });

  test("differ by the words of a model and of its trims", () => {
    const [ours, theirs] = [
      mrp("LX24", { trims: [{ id: "1", ...named("LX24-BASE") }] }),
      plm("LX24", { description: "new", trims: [{ plmId: "1", ...named("LX24-BASE", { name: "Basic" }) }] }),
    ];
    expect(diffModels([ours], [theirs], all).get("LX24")).toEqual([
      { modelCode: "LX24", path: "LX24.description", kind: "VALUE", severity: "MINOR", mrp: "", plm: "new" },
      {
        modelCode: "LX24",
        path: "LX24.trims.LX24-BASE.name",
        kind: "VALUE",
        severity: "MINOR",
        mrp: "LX24-BASE",
        plm: "Basic",
      },
    ]);
  });

  test("that only one of them has are one difference each; inactive ones do not exist", () => {
    const compared = diffModels([mrp("LX20"), mrp("LX21", { isActive: false })], [plm("LX30")], all);
    expect([...compared.values()].flat().map(({ path, kind }) => [path, kind])).toEqual([
      ["LX20.exists", "MISSING_IN_PLM"],
      ["LX30.exists", "MISSING_IN_MRP"],
    ]);
  });

  test("are compared only when they are wanted", () => {
    expect([...diffModels([mrp("LX20"), mrp("LX21")], [], (code) => code === "LX21").keys()]).toEqual([
      "LX21",
    ]);
  });
});

describe("what a boat is built from", () => {
  test.each([
    [{ partNumber: "OTHER" }, "CRITICAL VALUE LX.bom.S/C/A.partNumber"],
    [{ quantity: { value: "2", unit: PIECE } }, "CRITICAL VALUE LX.bom.S/C/A.quantity"],
    [{ isDefault: true }, "CRITICAL VALUE LX.bom.S/C/A.isRequired"],
    [{ name: "Other" }, "MINOR VALUE LX.bom.S/C/A.name"],
  ])("with %o differs: %s", (change, expected) => {
    expect(diffsOf(configuration([option("A")]), configuration([option("A", change)]))).toContain(expected);
  });

  test("is critical when a required line is missing, and major when an optional one is", () => {
    const both = configuration([option("A", { isDefault: true }), option("B")]);
    expect(diffsOf(both, configuration([option("B")]))).toContain(
      "CRITICAL MISSING_IN_PLM LX.bom.S/C/A.exists",
    );
    expect(diffsOf(configuration([option("A", { isDefault: true })]), both)).toEqual([
      "MAJOR MISSING_IN_MRP LX.bom.S/C/B.exists",
    ]);
  });

  test("is critical when a rule is missing", () => {
    const rule = { kind: "REQUIRES", option: "S/C/A", targets: ["S/C/B"] } as const;
    const options = [option("A"), option("B")];
    expect(diffsOf(configuration(options, [rule]), configuration(options))).toEqual([
      "CRITICAL MISSING_IN_PLM LX.rules.S/C/A REQUIRES S/C/B.rule",
    ]);
  });
});

describe("noise", () => {
  const [first] = diffConfigurations(
    "LX",
    configuration([option("A")]),
    configuration([option("A", { name: "B" })]),
  );
  test("is what differs only once", () => {
    expect(first && steady([first], [first])).toEqual([first]);
    expect(first && steady([first], [])).toEqual([]);
    expect(first && steady([first], [{ ...first, mrp: "changed meanwhile" }])).toEqual([]);
  });
});

describe("a rule that ignores", () => {
  test.each([
    ["*.description", "LX24.description", true],
    ["LX24.*", "LX24.bom.S.name", true],
    ["LX24.bom.*.name", "LX24.bom.S/C.name", true],
    ["*.description", "LX24.descriptions", false],
    ["LX24", "LX24.name", false],
    ["LX24.name", "LX24.name", true],
  ])("as %s: %s is ignored: %s", (rule, path, expected) => {
    expect(isIgnored(path, [rule])).toBe(expected);
  });
});

describe("the bounds of a share", () => {
  test("are as wide as can be without samples, and below the gates with as many clean ones as they ask for", () => {
    expect(shareBounds(0, 0)).toEqual({ low: 0, high: 1 });
    expect(shareBounds(0, 299).high).toBeLessThan(0.01);
    expect(shareBounds(0, 2_995).high).toBeLessThan(0.001);
  });

  test("hold the share and get closer to it with more samples", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (count, part) => {
          const hits = Math.round(part * count);
          const { low, high } = shareBounds(hits, count);
          expect(low).toBeLessThanOrEqual(hits / count + 1e-9);
          expect(high).toBeGreaterThanOrEqual(hits / count - 1e-9);
          const more = shareBounds(hits * 10, count * 10);
          expect(more.high - more.low).toBeLessThan(high - low);
        },
      ),
    );
  });
});
