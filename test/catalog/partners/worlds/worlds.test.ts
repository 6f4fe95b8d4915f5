import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { travel } from "./journey.ts";
import { configurator, filedBill, keyedBill, vehicles } from "./translate.ts";

const PLAIN = { columns: new Map(), units: new Map(), currency: undefined, hasDecimalComma: false };
const billOf = (name: string) => readFile(new URL(`../../legacy/bills/${name}`, import.meta.url), "utf8");

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

/** Rebuilt small, with the mistakes of the public data sets that `npm run test:worlds` takes the same way. */
describe("data of a shape that none of us made", () => {
  test("of vehicles is taken all the way: names as codes, trims that models share, models without anything to build", async () => {
    const trims = [
      "make,model,trims",
      'Morgen,Falter,"LX, EX, EX-L"',
      'Morgen,Falter Hybrid,"LX, EX"',
      'Abend,Falter,"LX, 1.5 T/GT-Line, Sport+"',
      'Abend,C/D:4,"~, Été"',
    ];
    const styles = [
      "year,make,model,body_styles",
      '2022,Morgen,Falter,"[""Sedan"",""Hatchback""]"',
      '2022,Abend,C/D:4,"[""Coupé""]"',
      '2022,Abend,Falter,"[Sedan]"',
    ];
    const world = vehicles(trims.join("\n"), styles.join("\r\n"));
    const codes = ["Morgen Falter", "Abend C/D:4", "Abend Falter"];
    expect(await travel(database, world, codes)).toMatchObject({
      models: 4,
      trims: 10,
      lines: 3,
      orders: 2,
      bad: [],
    });
    expect(world.untranslated).toHaveLength(1);
  });

  test("of a configurator is taken all the way: options with prices, rules about one of several", async () => {
    const contains = (optionId: string) => ({ type: "CONTAINS_OPTION", optionId });
    const world = configurator([
      {
        modelId: "Abend_Nacht",
        modelName: "Nacht",
        trim: { name: "GT" },
        options: [
          { id: "1", name: "Roof rails", price: { baseMSRP: 395.5 } },
          { id: "2", name: "Tow bar", price: { baseMSRP: -120 } },
          { id: "3", name: "Sport seats" },
          { id: "4", name: "Sport seats, red" },
        ],
        specification: {
          elements: [
            {
              type: "REQUIRES",
              antecedent: contains("2"),
              consequent: { type: "OR", elements: [contains("3"), contains("4")] },
            },
            {
              type: "EXCLUDES",
              antecedent: contains("1"),
              consequent: { type: "OR", elements: [contains("3"), contains("4")] },
            },
            { type: "REQUIRES", antecedent: contains("1"), consequent: contains("9") },
            { type: "VALUE_CHANGE" },
          ],
        },
      },
    ]);
    expect(world.untranslated).toHaveLength(2);
    expect(await travel(database, world, ["Abend_Nacht"])).toMatchObject({
      models: 1,
      lines: 4,
      orders: 1,
      bad: [],
    });
  });

  test("of an industrial bill is taken all the way: eight levels, hundredths, and what is listed and not fitted", async () => {
    const lines = Array.from({ length: 8 }, (_, level) => [
      {
        ParentKey: "P".repeat(level + 1),
        ChildKey: "P".repeat(level + 2),
        Child: `A${level}`,
        ChildDescription: `Assembly  ${level} "x"`,
        AsslyQty: level === 0 ? 1 : 0.03,
      },
      {
        ParentKey: "P".repeat(level + 1),
        ChildKey: `${"P".repeat(level + 1)}B`,
        Child: level === 5 ? 1103004 : "BOLT",
        ChildDescription: "BOLT M6",
        AsslyQty: level === 3 ? 0 : 26.2,
      },
    ]).flat();
    const world = keyedBill("FILTER", lines);
    expect(await travel(database, world, ["FILTER"])).toMatchObject({
      models: 1,
      lines: 16,
      levels: 8,
      orders: 1,
      bad: [],
    });
  });

  test.each([
    ["kicad-native.csv", 6],
    ["kicad-netlist.xml", 3],
    ["commas.csv", 2],
  ])("of a board or a list of parts is taken all the way: %s", async (name, lines) => {
    const code = name.replace(/\..*/, "");
    const world = filedBill(code, await billOf(name), PLAIN);
    expect(await travel(database, world, [code])).toMatchObject({ models: 1, lines, orders: 1, bad: [] });
  });
});
