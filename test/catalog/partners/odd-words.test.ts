import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { component, model, option, section, startPartner, type Json } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const served = (options: Json[], rules: Json[] = []) => ({
  models: [model("TUG")],
  configurations: {
    "model-TUG": {
      sections: [section("S", [component("C", options, { allowMultiple: true, required: false })])],
      rules,
    },
  },
});
const chosen = (code: string, more: Json = {}) => option(code, { default: false, ...more });
const FEATURES = '{ features(modelId: "tug") { id code partNumber } }';
const LINES =
  '{ model(id: "tug") { bom { flatLines(first: 9) { edges { node { code price { amount currency } } } } } } }';

describe("a rule about several options", () => {
  const options = ["HITCH", "RADAR", "SONAR", "RAILS"].map((code) => chosen(code));
  const rule = (type: string, ...targets: string[]) => ({
    type,
    optionId: "option-HITCH",
    targetOptionIds: targets.map((code) => `option-${code}`),
  });
  const ordered = async (type: string, codes: string[]) => {
    const partner = await startPartner(database, served(options, [rule(type, "RADAR", "SONAR")]));
    const { data } = await partner.ask(FEATURES);
    const features: { id: string; code: string }[] = data.features;
    const ids = features.filter(({ code }) => codes.includes(code)).map(({ id }) => id);
    return partner.create({ modelId: "tug", options: ids });
  };

  test.each([
    ["REQUIRES", ["HITCH", "SONAR"], "WorkOrderSuccess"],
    ["REQUIRES", ["HITCH", "RAILS"], "or SONAR (tug/S/C/SONAR)"],
    ["EXCLUDES", ["HITCH", "RAILS"], "WorkOrderSuccess"],
    ["EXCLUDES", ["HITCH", "RADAR"], "excludes RADAR"],
  ])("that it %s, with %s chosen: %s", async (type, codes, outcome) => {
    expect(JSON.stringify(await ordered(type, codes))).toContain(outcome);
  });

  test.each([
    ["no option", []],
    ["the option itself", ["HITCH"]],
    ["an option that nobody knows", ["RADAR", "LIDAR"]],
  ])("cannot be read when it names %s", async (_what, targets) => {
    const partner = await startPartner(database, served(options, [rule("REQUIRES", ...targets)]));
    const { errors } = await partner.ask(FEATURES);
    expect(errors).toMatchObject([
      { extensions: { code: "PLM_MALFORMED", field: expect.stringContaining("targetOptionIds") } },
    ]);
  });
});

describe("what some databases write otherwise", () => {
  test("is taken: codes and part numbers as whole numbers, prices that are taken off", async () => {
    const partner = await startPartner(
      database,
      served([
        chosen("A", { code: 1103004, partNumber: 206042 }),
        chosen("B", { price: { amount: -16705.5, currency: "USD" } }),
      ]),
    );
    const { data, errors } = await partner.ask(FEATURES);
    expect(errors).toBeUndefined();
    expect(data.features).toMatchObject([{ code: "1103004", partNumber: "206042" }, { code: "B" }]);
    const { data: bill } = await partner.ask(LINES);
    expect(bill.model.bom.flatLines.edges.at(-1).node).toEqual({
      code: "B",
      price: { amount: "-16705.5", currency: "USD" },
    });
  });

  test.each([
    ["a fraction, whose last zeros are lost", 1.1],
    ["a number that JSON does not carry exactly", 2 ** 60],
  ])("is refused as a code when it is %s", async (_what, code) => {
    const partner = await startPartner(database, served([chosen("A", { code })]));
    const { errors } = await partner.ask(FEATURES);
    expect(errors).toMatchObject([{ extensions: { code: "PLM_MALFORMED" } }]);
  });

  test("is one code where a number and a text have the same digits", async () => {
    const twice = served([chosen("A", { code: 12 }), chosen("B", { code: "12" })]);
    const partner = await startPartner(database, twice);
    const { data } = await partner.ask('{ model(id: "tug") { bom { problems { place } } } }');
    expect(data.model.bom.problems).toEqual([{ place: "data.sections.0.components.0.options.1" }]);
  });
});
