import { describe, expect, test } from "vitest";
import { addCharge, burnPerMinute, NO_BURN } from "../../../subgraphs/plms/domain/burn.ts";
import { burnWindow, sliceOf, type BurnSlice } from "../../../subgraphs/plms/domain/burn-window.ts";

const MINUTE_MS = 60_000;
const NOW = 30;
/** Minutes and USD. */
const RECEIPTS = [
  [2, 0.1],
  [5, 0.2],
  [9, 0.1],
  [14, 0.3],
  [18, 0.2],
  [22, 0.1],
  [25, 0.4],
  [28, 0.2],
] as const;

const slices: BurnSlice[] = RECEIPTS.map(([minute, usd]) => ({
  ageMs: (NOW - minute) * MINUTE_MS,
  usd,
  usdCharged: usd,
  usdSquares: usd * usd,
}));
const over = (minutes: number) => burnWindow(slices, { minutes, elapsedMs: NOW * MINUTE_MS });

describe("eight receipts in half an hour", () => {
  test.each([
    [5, 0.04],
    [15, 0.06],
    [60, 0.053_33],
  ])("burn over %d minutes at %d USD a minute", (minutes, rate) => {
    expect(over(minutes).usdPerMin).toBeCloseTo(rate, 5);
  });

  test("count as 6.4 equal ones, which leaves the rate between 0.02399 and 0.10306", () => {
    const { effectiveEvents, interval } = over(60);
    expect(effectiveEvents).toBeCloseTo(6.4, 9);
    expect(interval?.low).toBeCloseTo(0.023_99, 5);
    expect(interval?.high).toBeCloseTo(0.103_06, 5);
  });

  test("leave 3 USD for 23.79 minutes at the smoothed rate of 0.05886, and for 13.6 to 58.4 at the window's", () => {
    const burn = RECEIPTS.reduce(
      (burn, [minute, costUsd]) => addCharge(burn, { costUsd, atMs: minute * MINUTE_MS }),
      NO_BURN,
    );
    const rate = burnPerMinute(burn, { startedAtMs: 0, asOfMs: NOW * MINUTE_MS });
    expect(rate).toBeCloseTo(0.058_86, 5);
    expect(1.4 / rate).toBeCloseTo(23.79, 2);
    const { interval } = over(60);
    expect((1.4 / (interval?.high ?? 0)).toFixed(1)).toBe("13.6");
    expect((1.4 / (interval?.low ?? 0)).toFixed(1)).toBe("58.4");
  });
});

describe("a window", () => {
  test("leaves out what is older than it is long, and what is exactly as old", () => {
    expect(burnWindow(slices, { minutes: 2, elapsedMs: NOW * MINUTE_MS }).usdPerMin).toBe(0);
  });

  test("without charges has no interval", () => {
    expect(burnWindow([], { minutes: 5, elapsedMs: NOW * MINUTE_MS })).toEqual({
      minutes: 5,
      usdPerMin: 0,
      effectiveEvents: 0,
      interval: null,
    });
    expect(burnWindow(slices, { minutes: 60, elapsedMs: 0 }).usdPerMin).toBe(0);
  });

  test("does not take a credit for slower burning", () => {
    const refund: BurnSlice = { ageMs: 0, usd: -5, usdCharged: 0, usdSquares: 0 };
    const { usdPerMin, effectiveEvents } = burnWindow([...slices, refund], {
      minutes: 60,
      elapsedMs: NOW * MINUTE_MS,
    });
    const without = burnWindow(slices, { minutes: 60, elapsedMs: NOW * MINUTE_MS });
    expect(usdPerMin).toBe(without.usdPerMin);
    expect(effectiveEvents).toBeCloseTo(6.4, 9);
  });

  test("is kept in slices of a quarter of a minute", () => {
    expect([0, 14_999, 15_000].map(sliceOf)).toEqual([0, 0, 1]);
  });
});
