import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  readBill,
  type Bill,
  type BillSettings,
} from "../../../subgraphs/catalog/legacy/domain/import/bill.ts";
import type { BillField } from "../../../subgraphs/catalog/legacy/domain/import/columns.ts";
import type { Part } from "../../../subgraphs/catalog/products/domain/configuration.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startReplica } from "../support.ts";

const pathOf = (name: string) => fileURLToPath(new URL(`bills/${name}`, import.meta.url));
const PLAIN: BillSettings = {
  columns: new Map(),
  units: new Map(),
  currency: undefined,
  hasDecimalComma: false,
};

async function read(name: string, settings: Partial<BillSettings> = {}): Promise<Bill> {
  const bill = readBill(await readFile(pathOf(name), "utf8"), { ...PLAIN, ...settings });
  if (typeof bill === "string") throw new Error(bill);
  return bill;
}

const saidOf = ({ refused }: Bill) => refused.map(({ place, reason }) => `${place}: ${reason}`);
const flat = (parts: readonly Part[], level = 1): string[] =>
  parts.flatMap(({ code, quantity, details }) => [
    `${level} ${code} ${quantity.value} ${quantity.unit}`,
    ...flat(details.parts, level + 1),
  ]);

describe("a bill as KiCad's own export writes it", () => {
  test("is read with its places, runs of places among them, and what is not fitted", async () => {
    const bill = await read("kicad-native.csv");
    expect(bill.parts.map(({ name, partNumber, quantity }) => [name, partNumber, quantity.value])).toEqual([
      ["100nF, Capacitor_SMD:C_0603_1608Metric", "CL10B104KB8NNNC", "4"],
      ["4.7µF, Capacitor_SMD:C_0805_2012Metric", null, "2"],
      ["5,1K, Resistor_SMD:R_0603_1608Metric", "RC0603FR-075K1L", "2"],
      ["0R, Resistor_SMD:R_0603_1608Metric", null, "0"],
      ["Reset, Button_Switch_SMD:SW_SPST_B3S-1000", "B3S-1000", "1"],
      ["STM32G0B1\nCBT6, Package_QFP:LQFP-48_7x7mm_P0.5mm", "STM32G0B1CBT6", "1"],
    ]);
    expect(bill.parts.map(({ details }) => details.designators.join(" "))).toEqual([
      "C1 C2 C3 C7",
      "C4 C5",
      "R1 R2",
      "R9",
      "SW1-2",
      "U1",
    ]);
    expect(saidOf(bill)).toEqual([
      "line 9: it is excluded from the bill",
      "line 10: it has 2 places and a quantity of 3",
    ]);
    expect(bill.unread).toEqual(["Datasheet"]);
  });

  test("is taken once where its script lists everything twice", async () => {
    const bill = await read("kicad-script.csv");
    expect(flat(bill.parts)).toEqual(["1 10k, R_0603 2 C62", "1 1uF, C_0603 1 C62"]);
    expect(bill.refused).toHaveLength(11);
    expect(new Set(bill.refused.map(({ reason }) => reason))).toEqual(
      new Set(["it comes before the list by part"]),
    );
  });

  test("is read from the board's editor, which closes its rows with delimiters", async () => {
    const bill = await read("kicad-board.csv");
    expect(flat(bill.parts)).toEqual(["1 Conn_01x04, PinHeader_1x04 2 C62", "1 500mA, Fuse_1206 1 C62"]);
    expect(bill.refused).toEqual([]);
  });

  test("is read from the netlist in XML: the same part in several places is one", async () => {
    const bill = await read("kicad-netlist.xml");
    expect(bill.parts).toMatchObject([
      { partNumber: "RC0603FR-0710KL", quantity: { value: "2" }, details: { designators: ["R1", "R2"] } },
      { partNumber: "RC0603FR-0710KL", quantity: { value: "0" }, details: { designators: ["R3"] } },
      { name: "2.2µF & 50V, Capacitor_SMD:C_0805_2012Metric", quantity: { value: "1" } },
    ]);
    expect(saidOf(bill)).toEqual([
      "H1: KiCad excludes it from the bill",
      "C1: its reference comes twice",
      "TP1: it has neither a part number nor a name",
    ]);
    expect(bill.unread).toEqual(["Tolerance"]);
  });
});

describe("a bill of many levels", () => {
  test("takes a line with everything that it is made of, or refuses both and says why", async () => {
    const bill = await read("indented.csv", { hasDecimalComma: true, currency: "EUR" });
    expect(flat(bill.parts)).toEqual([
      "1 PS-100 1 C62",
      "2 PU-210 2 C62",
      "3 SH-300 1 C62",
      "4 BAR-40 0.38 MTR",
      "3 BR-310 2 C62",
      "3 GR-320 0.015 KGM",
      "2 FR-240 1 C62",
      "2 LB-250 0 C62",
    ]);
    expect(saidOf(bill)).toEqual([
      "line 1: it comes before the header",
      'line 10: its quantity "x" is not a decimal of at most 18 digits before and after the point, not below 0',
      "line 11: it is a part of line 10, which was not taken",
      "line 12: it is a part of line 11, which was not taken",
      'line 13: its unit "Rolle" is not known; --unit "Rolle"=CODE says it',
      "line 15: it is of level 4, and no line of level 3 is above it",
      'line 17: its day "31.12.2026" is not a day like 2026-01-31',
      "line 18: it has neither a part number nor a name",
    ]);
    expect(bill).toMatchObject({ lines: 8, levels: 4, unread: ["Buyer"] });
    const [pump] = bill.parts[0]?.details.parts ?? [];
    expect(pump?.details).toMatchObject({ revision: "A", price: { amount: "1250", currency: "EUR" } });
    expect(pump?.details.parts[1]?.details).toMatchObject({ effectiveFrom: "2026-01-01" });
  });

  test("takes a unit that the operator explains, and no number with a comma unless it is told what that is", async () => {
    const explained = await read("indented.csv", {
      hasDecimalComma: true,
      units: new Map([["rolle", "RO"]]),
    });
    expect(flat(explained.parts)).toContain("2 HS-230 3.5 RO");
    const refused = saidOf(await read("indented.csv"));
    expect(refused).toContain(
      'line 7: its quantity "0,38" is not a decimal of at most 18 digits before and after the point, not below 0; ' +
        "--decimal-comma reads 0,25 as a quarter",
    );
  });

  test("has its levels from positions like 1.2.1, and units from behind the quantity", async () => {
    const bill = await read("positions.csv");
    expect(flat(bill.parts)).toEqual([
      "1 FRAME-1 1 C62",
      "2 TUBE-30 2.5 MTR",
      "2 PLATE-8 4 C62",
      "3 HOLE 4 C62",
      "1 FEET 0.5 C62",
    ]);
    expect(bill.parts[0]?.details.parts[0]?.name).toBe('Tube, 1/4" wall');
  });

  test("has its levels from the parents that lines name, and no part within itself", async () => {
    const bill = await read("parents.csv");
    expect(flat(bill.parts)).toEqual([
      "1 ROBOT 1 C62",
      "2 ARM 2 C62",
      "3 M6 8 C62",
      "2 GRIP 1 C62",
      "3 M6 4 C62",
      "3 LOOP 1 C62",
    ]);
    expect(saidOf(bill)).toEqual([
      "line 8: GRIP would be a part of itself",
      "line 9: no line that was read has MOON: it is a part of itself, or too deep",
      "line 10: no line that was read has SUN: it is a part of itself, or too deep",
    ]);
  });

  test("keeps a line whose level nobody can read, and what may belong to it, away from the others", () => {
    const bill = readBill("level,part number,qty\n1,A,1\n?,B,1\n2,C,1\n1,D,1\n2,E,1\n", PLAIN) as Bill;
    expect(flat(bill.parts)).toEqual(["1 A 1 C62", "1 D 1 C62", "2 E 1 C62"]);
    expect(saidOf(bill)).toEqual([
      'line 3: it has no level that is a number: "?"',
      "line 4: line 3 above it has no level, so nobody knows what it is a part of",
    ]);
  });
});

describe("a file with the mistakes that people make", () => {
  test("loses the rows with commas outside of quotes, and says so", async () => {
    const bill = await read("commas.csv", { currency: "USD" });
    expect(
      bill.parts.map(({ code, quantity, details }) => [code, quantity.value, details.price?.amount]),
    ).toEqual([
      ["Tyre and rim", "6", "25.27"],
      ["2902-0003", "0.5", "4.99"],
    ]);
    expect(saidOf(bill)).toEqual([
      "line 3: it has 7 cells where the header has 6: a comma outside of quotes?",
    ]);
    expect(bill.unread).toEqual(["assembly", "short name"]);
  });

  test.each([
    [
      "a quote that never closes",
      'part number,qty\n"A,1\nB,2\n',
      "the quote that opens in line 2 is never closed",
    ],
    ["no header that anybody knows", "Teil,Menge\nA,1\n", "--column FIELD=HEADER"],
    ["XML of somebody else", "<svg/>", "not KiCad's netlist"],
    ["XML that grows", '<!DOCTYPE export [<!ENTITY a "aa">]><export/>', "not KiCad's netlist"],
    ["XML that ends in the middle", "<export><components><comp>", "not KiCad's netlist"],
  ])("is refused whole for %s", (_what, text, reason) => {
    expect(readBill(text, PLAIN)).toContain(reason);
  });

  test("is read with the columns that the operator names", () => {
    const columns = new Map<BillField, string>([
      ["partNumber", "Teil"],
      ["quantity", "Menge"],
    ]);
    const bill = readBill("Teil;Menge;Preis\nA;1;2\n", { ...PLAIN, columns }) as Bill;
    expect(flat(bill.parts)).toEqual(["1 A 1 C62"]);
    expect(bill.unread).toEqual(["Preis"]);
  });
});

describe("npm run products -- import", () => {
  const run = promisify(execFile);
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ seed: true });
  });
  afterAll(() => database.close());

  const products = async (...words: string[]) => {
    const command = ["run.cjs", "subgraphs/catalog/legacy/products-cli.ts", "import", ...words];
    const env = { ...process.env, DATABASE_URL: database.url };
    const done = await run(process.execPath, command, { env }).catch(
      (error: { stdout: string; stderr: string; code: number }) => error,
    );
    return { code: "code" in done ? done.code : 0, stdout: done.stdout, stderr: done.stderr };
  };
  const linesOf = async (id: string) => {
    const catalog = await startReplica(database, {
      PLM_MODE: "disabled",
      PLM_BASE_URL: "http://127.0.0.1:9",
    });
    const { data } = await catalog.ask(
      `query ($id: ID!) { model(id: $id) { name bom { flatLines(first: 100) { edges { node {
        level code exactQuantity { value unit } referenceDesignators } } } } } }`,
      { id },
    );
    return data.model?.bom.flatLines.edges.map(({ node }: { node: object }) => node);
  };

  test("tries first, then writes all of a bill, and no part of one unless it is told to", async () => {
    const file = pathOf("kicad-netlist.xml");
    const tried = await products(file, "--model", "CHARGER-1");
    expect(tried).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("taken      3 lines on 1 levels; 3 not taken"),
    });
    expect(tried.stdout).toContain("nothing was written");
    expect(await linesOf("charger-1")).toBeUndefined();

    const refused = await products(file, "--model", "CHARGER-1", "--write");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("--partial") });
    expect(await linesOf("charger-1")).toBeUndefined();

    expect(await products(file, "--model", "CHARGER-1", "--write", "--partial")).toMatchObject({ code: 0 });
    const lines = await linesOf("charger-1");
    expect(lines.map(({ level, code }: { level: number; code: string }) => `${level} ${code}`)).toEqual([
      "1 BOM",
      "2 PARTS",
      "3 RC0603FR-0710KL",
      "3 RC0603FR-0710KL#2",
      "3 2.2µF & 50V, Capacitor_SMD:C_0805_2012Metric",
    ]);
    expect(lines[2]).toMatchObject({
      exactQuantity: { value: "2", unit: "C62" },
      referenceDesignators: ["R1", "R2"],
    });

    const again = await products(file, "--model", "CHARGER-1", "--write", "--partial");
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("--replace") });
    const other = await products(pathOf("positions.csv"), "--model", "CHARGER-1", "--replace", "--write");
    expect(other).toMatchObject({ code: 0 });
    expect(await linesOf("charger-1")).toHaveLength(7);
  });

  test("leaves the tables alone once the PLM is in charge of the products", async () => {
    await startReplica(database, { PLM_IS_SOURCE_OF_TRUTH: "true", PLM_BASE_URL: "http://127.0.0.1:9" });
    const refused = await products(pathOf("positions.csv"), "--model", "LX99", "--write");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("read-only") });
  });

  test("says what is wrong with its own words", async () => {
    expect((await products("none.csv", "--model", "A")).stderr).toContain("none.csv cannot be read");
    expect((await products(pathOf("positions.csv"))).stderr).toContain("--model");
    expect((await products(pathOf("positions.csv"), "--model", "A", "--unit", "roll")).stderr).toContain(
      "TEXT=CODE",
    );
    expect(
      (await products(pathOf("positions.csv"), "--model", "A", "--column", "colour=X")).stderr,
    ).toContain("partNumber");
  });
});
