import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { travel } from "./journey.ts";
import { literalsIn, SOURCES, textOf } from "./sources.ts";
import { configurator, filedBill, keyedBill, vehicles, type World } from "./translate.ts";

const PLAIN = { columns: new Map(), units: new Map(), currency: undefined, hasDecimalComma: false };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

/** Takes data all the way and prints how it fared, for the table in docs/worlds.md. */
async function report(name: string, world: World, codes: readonly string[]) {
  const travelled = await travel(database, world, codes);
  const { untranslated } = world;
  process.stdout.write(`${JSON.stringify({ name, ...travelled, untranslated })}\n`);
  return travelled;
}

describe("public data, served as a partner would", () => {
  test("of vehicles: 359 models with their trims, and body styles for some of them", async () => {
    const world = vehicles(await textOf(SOURCES.trims), await textOf(SOURCES.styles));
    expect(await report("vehicles", world, ["Toyota Corolla", "Toyota Prius"])).toMatchObject({
      models: 359,
    });
  });

  test("of a configurator: options with prices and rules of five vehicles", async () => {
    const script = await textOf(SOURCES.crossovers);
    const styles = literalsIn<{ styleHolder: Parameters<typeof configurator>[0] }>(script);
    const world = configurator(styles.flatMap(({ styleHolder }) => styleHolder));
    const codes = world.models.map(({ code }) => code as string);
    expect(await report("configurator", world, codes)).toMatchObject({ models: 5 });
  });

  test("of a filter unit: an industrial bill of 435 lines on 8 levels", async () => {
    const [lines = []] = literalsIn<Parameters<typeof keyedBill>[1]>(await textOf(SOURCES.filterUnit));
    const world = keyedBill("VH 1000", [
      { ParentKey: "", ChildKey: "A060A0050", Child: "A060A0050", ChildDescription: "VH 1000", AsslyQty: 1 },
      ...lines,
    ]);
    expect(await report("filter unit", world, ["VH 1000"])).toMatchObject({
      lines: 436,
      levels: 8,
      orders: 1,
    });
  });

  test("of a charge controller: KiCad's bill in CSV", async () => {
    const world = filedBill("MPPT 2420", await textOf(SOURCES.chargeController), PLAIN);
    expect(await report("charge controller", world, ["MPPT 2420"])).toMatchObject({ orders: 1 });
  });

  test("of a test board: KiCad's netlist in XML", async () => {
    const world = filedBill("KiBoM", await textOf(SOURCES.testBoard), PLAIN);
    expect(await report("test board", world, ["KiBoM"])).toMatchObject({ orders: 1 });
  });
});
