import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase } from "../../../db/client.ts";
import { createCircuitHistory } from "../../../subgraphs/catalog/plm/adapters/circuit-store.ts";
import { createMrpProducts } from "../../../subgraphs/catalog/products/adapters/mrp-products.ts";
import { createShadowDiffs } from "../../../subgraphs/catalog/plm/adapters/shadow-diffs.ts";
import type { CircuitTransition } from "../../../subgraphs/catalog/products/operations/ports.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { quietLog } from "../../support/quiet-log.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

describe("differences between PLM and MRP", () => {
  test("are all stored, also 7,000 of one model, which are more parameters than one statement takes", async () => {
    const diffs = createShadowDiffs(database.db);
    const many = Array.from({ length: 7_000 }, (_, index) => ({
      modelCode: "BIG",
      path: `BIG.bom.S/C/P${index}.partNumber`,
      kind: "VALUE" as const,
      severity: "CRITICAL" as const,
      mrp: `M-${index}`,
      plm: `P-${index}`,
    }));
    const seen = { correlationId: "test-1", at: new Date("2026-01-31T08:00:00Z") };
    expect(await diffs.record(many, seen)).toHaveLength(many.length);
    await diffs.record(many, { ...seen, at: new Date("2026-01-31T09:00:00Z") });
    expect(await diffs.confirmedCritical(seen.at)).toBe(many.length);
  });
});

describe("the MRP's products", () => {
  test("are the seeded models with their trims in order", async () => {
    const models = await createMrpProducts(database.db, () => {}).readProducts();
    expect(Object.fromEntries(models.map(({ code, trims }) => [code, trims.length]))).toEqual({
      LX21: 2,
      LX22: 3,
      LX24: 3,
      LX26: 4,
    });
    expect(models.find(({ id }) => id === "lx26")?.trims.map(({ id }) => id)).toEqual([
      "lx26-base",
      "lx26-sport",
      "lx26-luxury",
      "lx26-premium",
    ]);
  });

  test("include those that are inactive", async () => {
    const row = { id: "lx20", code: "LX20", name: "LX20", description: null, is_active: false };
    await database.db.insertInto("catalog.product_models").values(row).execute();
    const models = await createMrpProducts(database.db, () => {}).readProducts();
    expect(models.find(({ id }) => id === "lx20")).toMatchObject({ isActive: false, trims: [] });
  });
});

describe("the history of circuits", () => {
  const move = (
    from: CircuitTransition["from"],
    to: CircuitTransition["to"],
    second: number,
  ): CircuitTransition => ({
    circuit: "plm",
    from,
    to,
    cause: to === "CLOSED" ? null : "it broke",
    at: new Date(Date.UTC(2026, 0, 31, 8, 0, second)),
  });
  const moves = [
    move("CLOSED", "OPEN", 0),
    move("OPEN", "HALF_OPEN", 10),
    move("HALF_OPEN", "CLOSED", 11),
  ] as const;

  test("gives the newest first, in the order of the changes, each circuit its own", async () => {
    const history = createCircuitHistory(database.db, { log: quietLog });
    await Promise.all(moves.map((transition) => history.record(transition)));
    await history.record({ ...moves[0], circuit: "other" });
    await expect(history.latest("plm", 100)).resolves.toEqual(moves.toReversed());
    await expect(history.latest("plm", 1)).resolves.toEqual([moves[2]]);
  });

  test("finds those within a span of time, and the newest before it", async () => {
    const history = createCircuitHistory(database.db, { log: quietLog });
    for (const transition of moves) await history.record({ ...transition, circuit: "spans" });
    const at = (second: number) => new Date(Date.UTC(2026, 0, 31, 8, 0, second));
    const within = await history.within("spans", { from: at(5), to: at(10) }, 10);
    expect(within.map(({ to }) => to)).toEqual(["HALF_OPEN"]);
    expect((await history.within("spans", { from: at(-1), to: at(60) }, 2)).map(({ to }) => to)).toEqual([
      "CLOSED",
      "HALF_OPEN",
    ]);
    expect((await history.before("spans", at(5)))?.to).toBe("OPEN");
    expect(await history.before("spans", at(-1))).toBeUndefined();
  });

  test("includes a change that is still being written when somebody reads", async () => {
    const history = createCircuitHistory(database.db, { log: quietLog });
    const slow = await database.db.startTransaction().execute();
    await sql`lock table catalog.circuit_transitions in share mode`.execute(slow);
    void history.record({ ...moves[0], circuit: "slow" });
    const read = history.latest("slow", 1);
    await sleep(50);
    await slow.commit().execute();
    await expect(read).resolves.toMatchObject([{ to: "OPEN" }]);
  });

  test("that cannot be written is no reason to fail", async () => {
    const lost = createDatabase({ url: "postgresql://nobody@127.0.0.1:1/none", log: quietLog });
    const history = createCircuitHistory(lost.db, { log: quietLog });
    await expect(history.record(moves[0])).resolves.toBeUndefined();
    await history.settled();
    await lost.close();
  });
});
