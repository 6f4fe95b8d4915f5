import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import { atOnce } from "../../../lib/in-steps.ts";
import {
  NO_DETAILS,
  type ConfigurationComponent,
  type ConfigurationOption,
  type ConfigurationSection,
  type ModelConfiguration,
} from "../../../subgraphs/catalog/products/domain/configuration.ts";
import { ONE_PIECE } from "../../../subgraphs/catalog/products/domain/quantity.ts";
import { fromStored, toStored } from "../../../subgraphs/catalog/products/domain/stored-configuration.ts";
import { chooseOptions } from "../../../subgraphs/catalog/work-orders/domain/options.ts";

const DAY = "2026-01-31";
const option = (code: string, isDefault = false): ConfigurationOption => ({
  id: code.toLowerCase(),
  plmId: null,
  code,
  name: code,
  partNumber: null,
  quantity: ONE_PIECE,
  isRequired: false,
  details: NO_DETAILS,
  isDefault,
});
const component = (
  code: string,
  options: ConfigurationOption[],
  changes: Partial<ConfigurationComponent> = {},
): ConfigurationComponent => ({
  code,
  name: code,
  isRequired: true,
  allowsMultiple: false,
  options,
  ...changes,
});
const section = (
  code: string,
  components: ConfigurationComponent[],
  changes: Partial<ConfigurationSection> = {},
): ConfigurationSection => ({ code, name: code, trimCode: null, isRequired: true, components, ...changes });

const boat: ModelConfiguration = {
  sections: [
    section("POWER", [component("ENGINE", [option("V6", true), option("V8")])]),
    section("AUDIO", [component("STEREO", [option("BASIC", true), option("CONCERT")])], {
      isRequired: false,
    }),
    section("EXTRAS", [
      component("TOYS", [option("SKI"), option("TUBE")], { isRequired: false, allowsMultiple: true }),
    ]),
    section("COMFORT", [component("LIGHT", [option("WHITE", true), option("RGB")])], { trimCode: "LUX" }),
  ],
  rules: [
    { kind: "REQUIRES", option: "AUDIO/STEREO/CONCERT", targets: ["LUX:COMFORT/LIGHT/RGB"] },
    { kind: "EXCLUDES", option: "EXTRAS/TOYS/SKI", targets: ["POWER/ENGINE/V6"] },
  ],
};
const problems = (trim: string | null, ids?: string[]) => {
  const choice = atOnce(chooseOptions({ configuration: boat, trimCode: trim, day: DAY }, ids));
  return "problems" in choice ? choice.problems : [];
};

describe("a choice of options", () => {
  test("is the default of every required component when none is given", () => {
    const choice = atOnce(chooseOptions({ configuration: boat, trimCode: "LUX", day: DAY }, undefined));
    expect(choice).toMatchObject({ chosen: [{ id: "v6" }, { id: "white" }] });
  });

  test("may be complete and consistent", () => {
    expect(problems("LUX", ["v8", "concert", "rgb", "ski", "tube"])).toEqual([]);
  });

  test.each([
    ["an unknown or inactive option", "LUX", ["v6", "white", "v12"], 'option "v12" is not to be had here'],
    ["an option of another trim", null, ["v6", "rgb"], 'option "rgb" is not to be had here'],
    ["an option twice", null, ["v6", "v6"], 'option "v6" is chosen twice'],
    ["two options of one component", null, ["v6", "v8"], "component POWER/ENGINE takes one option only"],
    ["a required component left out", null, [], "component POWER/ENGINE needs an option"],
    ["an excluded pair", null, ["v6", "ski"], "SKI (ski) excludes V6 (v6)"],
    ["a missing companion", "LUX", ["v6", "white", "concert"], "CONCERT (concert) requires RGB (rgb)"],
    [
      "a companion that only another trim has",
      null,
      ["v6", "concert"],
      "CONCERT (concert) requires LUX:COMFORT/LIGHT/RGB, which is not to be had here",
    ],
  ])("is refused with %s", (_what, trim, ids, problem) => {
    expect(problems(trim, ids)).toContain(problem);
  });

  test("names every problem at once", () => {
    expect(problems(null, ["v6", "v8", "nope"])).toHaveLength(2);
  });

  test("needs nothing of an optional section until something of it is chosen", () => {
    expect(problems(null, ["v6"])).toEqual([]);
  });

  test("that is accepted holds every rule, whatever was chosen", () => {
    const all = ["v6", "v8", "basic", "concert", "ski", "tube", "white", "rgb"];
    fc.assert(
      fc.property(fc.subarray(all), fc.constantFrom("LUX", null), (ids, trim) => {
        const choice = atOnce(chooseOptions({ configuration: boat, trimCode: trim, day: DAY }, ids));
        if ("problems" in choice) return;
        const has = (id: string) => choice.chosen.some((chosen) => chosen.id === id);
        expect(choice.chosen).toHaveLength(ids.length);
        expect(has("v6")).not.toBe(has("v8"));
        expect(has("ski") && has("v6")).toBe(false);
        expect(has("concert") && !has("rgb")).toBe(false);
        expect(has("basic") && has("concert")).toBe(false);
      }),
    );
  });
});

describe("the configuration that an order keeps", () => {
  test("comes back as it was, but for ids", () => {
    const details = {
      ...NO_DETAILS,
      revision: "B",
      designators: ["R1"],
      parts: [part("SCREW"), part("NUT")],
    };
    const sections = [section("A:1", [component("B", [{ ...option("X"), details, isRequired: true }])])];
    const configuration = { ...boat, sections: [...boat.sections, ...sections] };
    const stored = JSON.parse(JSON.stringify(atOnce(toStored(configuration)))) as ReturnType<
      typeof anyStored
    >;
    const withoutIds = JSON.parse(
      JSON.stringify(configuration).replaceAll(/"id":"[^"]*"/g, '"id":""'),
    ) as object;
    expect(atOnce(fromStored(stored))).toEqual(withoutIds);
  });

  test("is one and the same text, whether or not its values were copied", () => {
    const copy = JSON.parse(JSON.stringify(boat)) as ModelConfiguration;
    expect(canonicalJson(atOnce(toStored(copy)))).toBe(canonicalJson(atOnce(toStored(boat))));
  });

  test("has pieces, and one target for each rule, where it is from before there were units", () => {
    const old = {
      sections: [
        {
          ...section("A:1", []),
          components: [{ ...component("B", []), options: ["X", "Y"].map(oldOption) }],
        },
      ],
      rules: [{ kind: "REQUIRES" as const, option: "A:1/B/X", target: "A:1/B/Y" }],
    };
    const configuration = atOnce(fromStored(old));
    expect(configuration.sections[0]?.components[0]?.options[0]).toEqual({
      ...option("X"),
      quantity: { value: "2", unit: "C62" },
    });
    expect(atOnce(chooseOptions({ configuration, trimCode: null, day: DAY }, ["x"]))).toMatchObject({
      problems: [expect.stringContaining("X")],
    });
  });
});

const anyStored = () => atOnce(toStored(boat));
const part = (code: string) => ({
  code,
  name: code,
  partNumber: code,
  quantity: { value: "0.25", unit: "MTR" },
  details: NO_DETAILS,
});

const oldOption = (code: string) => {
  const { isRequired: _isRequired, details: _details, ...rest } = option(code);
  return { ...rest, quantity: 2 };
};
