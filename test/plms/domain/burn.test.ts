import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addCharge, burnPerMinute, NO_BURN } from "../../../subgraphs/plms/domain/burn.ts";

const MINUTE_MS = 60_000;
const START = { startedAtMs: 0 };

/** (minutes, USD) of the golden case in the design. */
const GOLDEN = [
  [2, 0.1],
  [5, 0.2],
  [9, 0.1],
  [14, 0.3],
  [18, 0.2],
  [22, 0.1],
  [25, 0.4],
  [28, 0.2],
] as const;

const burnOf = (charges: readonly (readonly [minutes: number, usd: number])[]) =>
  charges.reduce(
    (burn, [minutes, costUsd]) => addCharge(burn, { costUsd, atMs: minutes * MINUTE_MS }),
    NO_BURN,
  );

const at = (minutes: number) => ({ ...START, asOfMs: minutes * MINUTE_MS });

describe("burn per minute", () => {
  test("of the golden receipts after half an hour is 0.05886 USD", () => {
    expect(burnPerMinute(burnOf(GOLDEN), at(30))).toBeCloseTo(0.05886, 5);
  });

  test("halves in weight after fifteen minutes without a charge", () => {
    const burn = burnOf([[1000, 1]]);
    expect(burnPerMinute(burn, at(1015)) / burnPerMinute(burn, at(1000))).toBeCloseTo(0.5, 9);
  });

  test("of a steady spend is that spend, from the first minutes on", () => {
    const steady = Array.from({ length: 600 }, (_, second) => [second / 10, 0.01] as const);
    expect(burnPerMinute(burnOf(steady), at(60))).toBeCloseTo(0.1, 2);
    expect(burnPerMinute(burnOf(steady.slice(0, 50)), at(5))).toBeCloseTo(0.1, 2);
  });

  test("is nothing before the first charge and in the moment of the start", () => {
    expect(burnPerMinute(NO_BURN, at(5))).toBe(0);
    expect(burnPerMinute(burnOf([[0, 1]]), at(0))).toBe(0);
  });

  test("is not slowed by a credit", () => {
    const charged = burnPerMinute(burnOf([[1, 0.2]]), at(3));
    const credited = burnOf([
      [1, 0.2],
      [2, -5],
    ]);
    expect(burnPerMinute(credited, at(3))).toBeCloseTo(charged, 12);
    expect(burnPerMinute(burnOf([[2, -5]]), at(3))).toBe(0);
  });

  const charges = fc.array(
    fc.record({
      costUsd: fc.double({ min: 0, max: 100, noNaN: true }),
      atMs: fc.integer({ min: 0, max: 90 * MINUTE_MS }),
    }),
    { minLength: 1, maxLength: 30 },
  );

  test("does not depend on the order in which receipts arrive", () => {
    fc.assert(
      fc.property(charges, fc.infiniteStream(fc.nat()), (given, keys) => {
        const shuffled = given
          .map((charge) => ({ charge, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key);
        const [inOrder, other] = [given, shuffled.map(({ charge }) => charge)].map((list) =>
          list.reduce(addCharge, NO_BURN),
        );
        expect(other?.atMs).toBe(inOrder?.atMs);
        expect(other?.usd).toBeCloseTo(inOrder?.usd ?? 0, 6);
      }),
    );
  });

  test("only rises with another charge", () => {
    fc.assert(
      fc.property(charges, fc.double({ min: 0, max: 100, noNaN: true }), (given, costUsd) => {
        const before = given.reduce(addCharge, NO_BURN);
        const after = addCharge(before, { costUsd, atMs: 30 * MINUTE_MS });
        expect(burnPerMinute(after, at(100))).toBeGreaterThanOrEqual(
          burnPerMinute(before, at(100)) * (1 - 1e-12),
        );
      }),
    );
  });
});
