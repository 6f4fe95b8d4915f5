import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { component, model, option, section, startPartner, trim } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
const part = (partNumber: string, more: object = {}) => ({ partNumber, name: partNumber, ...more });

const HULL = option("HULL", { unit: "C62", quantity: 1, required: true });
/** A line with everything that real bills of materials say of a part. */
const HARNESS = option("HARNESS", {
  required: true,
  default: false,
  quantity: "2.50",
  unit: "MTR",
  revision: "C",
  names: { de: "Kabelbaum", "pt-BR": "Chicote" },
  price: { amount: "0.10", currency: "EUR" },
  alternates: [
    { partNumber: "P-ALT", revision: "B" },
    { kind: "SUBSTITUTE", partNumber: "P-SUB", name: "Stand-in" },
  ],
  parts: [
    part("WIRE", { quantity: "0.3", unit: "MTR" }),
    part("CRIMP", { quantity: 4, parts: [part("TIN", { quantity: "0.001", unit: "KGM" })] }),
    part("SPARE", { quantity: 0 }),
  ],
});
const DESIGNATORS = Array.from({ length: 3_000 }, (_, index) => `R${index + 1}`);
const SEAT = option("SEAT", { default: false, designators: DESIGNATORS });
const OLD_PUMP = option("PUMP-1", { default: false, required: true, effectiveTo: inDays(30).slice(0, 10) });
const NEW_PUMP = option("PUMP-2", { default: false, required: true, effectiveFrom: inDays(31).slice(0, 10) });

const startBoat = () =>
  startPartner(database, {
    models: [model("SKIFF", [trim("OPEN")])],
    configurations: {
      "model-SKIFF": {
        sections: [
          section("BODY", [
            component("ALWAYS", [HULL, HARNESS], { allowMultiple: true }),
            component("SEATS", [SEAT], { required: false }),
            component("PUMPS", [OLD_PUMP, NEW_PUMP], { allowMultiple: true }),
          ]),
        ],
      },
    },
  });

const LINES = `query ($on: String) { model(id: "skiff") { bom(effectiveOn: $on) { flatLines(first: 1000) { edges { node {
  path parentPath level partNumber partRevision isRequired exactQuantity { value unit } effectiveFrom effectiveTo
  alternates { kind partNumber partRevision name } referenceDesignators names { language name }
  price { amount currency } } } } totals(first: 100) { edges { node { partNumber quantity { value unit } } } } } } }`;

async function billOf(partner: Awaited<ReturnType<typeof startBoat>>, on?: string) {
  const { data, errors } = await partner.ask(LINES, { on });
  expect(errors).toBeUndefined();
  const nodes = <T>({ edges }: { edges: { node: T }[] }) => edges.map(({ node }) => node);
  const { flatLines, totals } = data.model.bom;
  const lines = nodes<Record<string, unknown>>(flatLines);
  return {
    lines,
    totals: nodes<Record<string, unknown>>(totals),
    line: (path: string) => lines.find((one) => one["path"] === path),
  };
}

describe("a bill of materials as partners have them", () => {
  test("keeps units, exact fractions, revisions, texts by language, prices, alternates and substitutes", async () => {
    const { line } = await billOf(await startBoat());
    expect(line("BODY/ALWAYS/HARNESS")).toMatchObject({
      level: 3,
      partNumber: "P-HARNESS",
      partRevision: "C",
      isRequired: true,
      exactQuantity: { value: "2.5", unit: "MTR" },
      names: [
        { language: "de", name: "Kabelbaum" },
        { language: "pt-BR", name: "Chicote" },
      ],
      price: { amount: "0.1", currency: "EUR" },
      alternates: [
        { kind: "ALTERNATE", partNumber: "P-ALT", partRevision: "B", name: null },
        { kind: "SUBSTITUTE", partNumber: "P-SUB", partRevision: null, name: "Stand-in" },
      ],
    });
    expect(line("BODY/ALWAYS/HARNESS/CRIMP/TIN")).toMatchObject({
      level: 5,
      parentPath: "BODY/ALWAYS/HARNESS/CRIMP",
      exactQuantity: { value: "0.001", unit: "KGM" },
    });
  });

  test("multiplies quantities down the levels and never adds metres to pieces", async () => {
    const { totals } = await billOf(await startBoat());
    const of = (partNumber: string) => totals.filter((total) => total["partNumber"] === partNumber);
    expect(of("WIRE")).toEqual([{ partNumber: "WIRE", quantity: { value: "0.75", unit: "MTR" } }]);
    expect(of("TIN")).toEqual([{ partNumber: "TIN", quantity: { value: "0.01", unit: "KGM" } }]);
    expect(of("SPARE")).toEqual([{ partNumber: "SPARE", quantity: { value: "0", unit: "C62" } }]);
  });

  test("has all places of a part on the drawing, however many they are", async () => {
    const { line } = await billOf(await startBoat());
    expect(line("BODY/SEATS/SEAT")?.["referenceDesignators"]).toEqual(DESIGNATORS);
  });

  test("shows what is valid on a day", async () => {
    const partner = await startBoat();
    const pumpsOn = async (days: number) =>
      (await billOf(partner, inDays(days).slice(0, 10))).lines
        .map(({ partNumber }) => String(partNumber))
        .filter((partNumber) => partNumber.startsWith("P-PUMP"));
    expect(await pumpsOn(1)).toEqual(["P-PUMP-1"]);
    expect(await pumpsOn(30)).toEqual(["P-PUMP-1"]);
    expect(await pumpsOn(31)).toEqual(["P-PUMP-2"]);
  });
});

describe("a bill on a day that is none", () => {
  test.each(["2026-02-31", "2026-13-01", "31.1.2026", "2026-01-31T00:00:00Z", ""])(
    "is refused with the value and what is allowed: %j",
    async (day) => {
      const partner = await startBoat();
      const { errors } = await partner.ask(LINES, { on: day });
      expect(errors).toMatchObject([
        {
          message: expect.stringContaining("a day like 2026-01-31"),
          extensions: { code: "BAD_USER_INPUT", field: "effectiveOn" },
        },
      ]);
    },
  );
});

describe("an order from such a bill", () => {
  const partsOf = ({ workOrder }: { workOrder: { options: { code: string; quantity: object }[] } }) =>
    workOrder.options.map(({ code }) => code);

  test("has several required parts of one component, chosen or not, with their quantities", async () => {
    const partner = await startBoat();
    const created = await partner.create({ modelId: "skiff" });
    expect(partsOf(created)).toEqual(["HULL", "HARNESS", "PUMP-1"]);
    expect(created.workOrder.options[1].quantity).toEqual({ value: "2.5", unit: "MTR" });
    const seat = (await partner.ask('{ features(modelId: "skiff") { id code } }')).data.features.find(
      ({ code }: { code: string }) => code === "SEAT",
    );
    expect(partsOf(await partner.create({ modelId: "skiff", options: [seat.id] }))).toEqual([
      "HULL",
      "HARNESS",
      "SEAT",
      "PUMP-1",
    ]);
  });

  test("takes what is valid on the day that it is planned for", async () => {
    const partner = await startBoat();
    const later = { plannedStartAt: inDays(40), plannedFinishAt: inDays(41) };
    expect(partsOf(await partner.create({ modelId: "skiff", ...later }))).toEqual([
      "HULL",
      "HARNESS",
      "PUMP-2",
    ]);
    const { data } = await partner.ask('{ features(modelId: "skiff") { id code } }');
    const old = data.features.find(({ code }: { code: string }) => code === "PUMP-1");
    expect(await partner.create({ modelId: "skiff", options: [old.id], ...later })).toMatchObject({
      code: "BAD_USER_INPUT",
      message: expect.stringContaining("is not to be had here"),
    });
  });
});

describe("what cannot be right in a bill", () => {
  test.each([
    ["a unit of no list", { unit: "metre" }, "unit"],
    ["a quantity in words", { quantity: "a few" }, "quantity"],
    ["a quantity without end", { quantity: "0.1234567890123456789" }, "quantity"],
    ["a day that no month has", { effectiveFrom: "2026-02-31" }, "effectiveFrom"],
    ["a day of no month", { effectiveTo: "2026-13-01" }, "effectiveTo"],
    ["an end before its start", { effectiveFrom: "2026-02-01", effectiveTo: "2026-01-01" }, "effectiveTo"],
    ["a price in no currency", { price: { amount: "1", currency: "euro" } }, "price.currency"],
    ["a text in no language", { names: { "Deutsch!": "Pumpe" } }, "names"],
    ["an alternate without a number", { alternates: [{ name: "other" }] }, "alternates.0.partNumber"],
  ])("%s is refused with its place", async (_what, bad, place) => {
    const partner = await startPartner(database, {
      models: [model("BAD")],
      configurations: { "model-BAD": { sections: [section("S", [component("C", [option("A", bad)])])] } },
    });
    expect(await partner.create({ modelId: "bad" })).toMatchObject({
      code: "PLM_MALFORMED",
      message: expect.stringContaining(`data.sections.0.components.0.options.0.${place}`),
    });
  });
});
