import { describe, expect, test } from "vitest";
import { slopeOf } from "../../fleet/drill/soak.ts";
import { see, type Watch } from "../../fleet/drill/proof/watchers.ts";

/** An hour of readings, one a minute. */
const readings = (valueAt: (minute: number) => number) =>
  Array.from({ length: 61 }, (_, minute) => [minute / 60, valueAt(minute)] as const);

describe("the slope of what a process holds", () => {
  test("is what it grows by in an hour", () => {
    expect(slopeOf(readings((minute) => 100 + minute)).perHour).toBeCloseTo(60, 6);
    expect(slopeOf(readings(() => 100))).toEqual({ perHour: 0, errorPerHour: 0 });
  });

  test("is not taken for growth where collections of garbage come and go", () => {
    const sawtooth = slopeOf(readings((minute) => 100 + (minute % 7) * 10));
    expect(sawtooth.perHour - 2 * sawtooth.errorPerHour).toBeLessThan(10);
    const leak = slopeOf(readings((minute) => 100 + (minute % 7) * 10 + minute));
    expect(leak.perHour - 2 * leak.errorPerHour).toBeGreaterThan(10);
  });
});

describe("a watch over a sequence of numbers", () => {
  const seen = (...numbers: number[]): Watch => {
    const watch: Watch = {
      topic: "t",
      first: undefined,
      last: 0,
      doubled: 0,
      disordered: 0,
      lost: 0,
      gaps: 0,
    };
    for (const number of numbers) see(watch, number);
    return watch;
  };

  test("finds nothing in one that is whole, wherever it begins", () => {
    expect(seen(4, 5, 6)).toMatchObject({ first: 4, last: 6, doubled: 0, disordered: 0, lost: 0 });
  });

  test("counts what is left out, what comes twice and what comes late", () => {
    expect(seen(1, 2, 5)).toMatchObject({ last: 5, lost: 2 });
    expect(seen(1, 2, 2, 3)).toMatchObject({ doubled: 1, lost: 0 });
    expect(seen(1, 3, 2)).toMatchObject({ lost: 1, disordered: 1 });
  });
});
