import { describe, expect, test } from "vitest";
import { lx21 } from "../../db/seed/models/lx21.ts";
import { lx22 } from "../../db/seed/models/lx22.ts";
import { lx24 } from "../../db/seed/models/lx24.ts";
import { lx26 } from "../../db/seed/models/lx26.ts";
import { productRows } from "../../db/seed/product-rows.ts";
import { buildConfig, buildModel } from "../../mocks/plm/build-config.ts";
import { catalogue } from "../../mocks/plm/catalogue.ts";

/** The PLM and the MRP keep their products apart; a shadow run over both has to find no difference. */
describe.each([lx24, lx26, lx22, lx21])("the PLM's $code", (mrp) => {
  const rows = productRows(mrp);
  const definition = catalogue.find(({ code }) => code === mrp.code)!;
  const model = buildModel(definition);
  const config = buildConfig(definition);
  const sections = config.sections;
  const trimCode = (id: string | null | undefined) => model.trims.find((trim) => trim.id === id)?.code;
  const options = sections.flatMap(({ components }) => components.flatMap((component) => component.options));

  test("is called and described as in the MRP", () => {
    const [row] = rows.models;
    expect([model.code, model.name, model.description]).toEqual([row?.code, row?.name, row?.description]);
  });

  test("has the same trims", () => {
    const ours = model.trims.map(({ code, name, description, sortOrder }) => [
      code,
      name,
      description,
      sortOrder,
    ]);
    const theirs = rows.trims.map((row) => [row.code, row.name, row.description, row.sort_order]);
    expect(ours).toEqual(theirs);
  });

  test("has the same sections, components and options", () => {
    expect(sections.map((s) => [s.code, s.name, s.required, s.sortOrder, trimCode(s.trimId)])).toEqual(
      rows.sections.map((row) => [
        row.code,
        row.name,
        row.is_required,
        row.sort_order,
        rows.trims.find(({ id }) => id === row.trim_id)?.code,
      ]),
    );
    expect(sections.flatMap((s) => s.components.map((c) => [s.code, c.code, c.name, c.sortOrder]))).toEqual(
      rows.components.map((row) => [
        rows.sections.find(({ id }) => id === row.section_id)?.code,
        row.code,
        row.name,
        row.sort_order,
      ]),
    );
    expect(options.map((o) => [o.code, o.name, o.partNumber, o.default, o.sortOrder])).toEqual(
      rows.options.map((row) => [row.code, row.name, row.part_number, row.is_default, row.sort_order]),
    );
  });

  test("has the same rules", () => {
    const ours = config.rules.map((rule) =>
      [rule.optionId, rule.targetOptionId].map(
        (id) => options.find((option) => option.id === id)?.partNumber,
      ),
    );
    const partOf = (id: string) => rows.options.find((row) => row.id === id)?.part_number;
    const theirs = rows.dependencies.map((row) => [row.option_id, row.depends_on_option_id].map(partOf));
    expect(ours).toEqual(theirs);
  });
});

describe("the PLM's catalogue", () => {
  test("has 4 models, 12 trims, 9 sections, 19 components, 38 options and 5 rules", () => {
    const configs = catalogue.map(buildConfig);
    const sections = configs.flatMap((config) => config.sections);
    const components = sections.flatMap((section) => section.components);
    expect([
      catalogue.length,
      catalogue.flatMap(({ trims }) => trims).length,
      sections.length,
      components.length,
      components.flatMap(({ options }) => options).length,
      configs.flatMap(({ rules }) => rules).length,
    ]).toEqual([4, 12, 9, 19, 38, 5]);
  });

  test("has a different id for everything", () => {
    const ids = catalogue
      .map(buildConfig)
      .flatMap((config) => [
        config.id,
        ...config.sections.flatMap((section) => [
          section.id,
          ...section.components.flatMap((component) => [
            component.id,
            ...component.options.map(({ id }) => id),
          ]),
        ]),
      ]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("refuses a rule about an option that does not exist", () => {
    const [model] = catalogue;
    expect(() => buildConfig({ ...model!, requires: [["AUDIO/SPEAKERS/PREMIUM", "AUDIO/AMP/BIG"]] })).toThrow(
      "LX24 has a rule about AUDIO/AMP/BIG, which it does not have",
    );
  });
});
