import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backlogAlert,
  backlogGrowthPerMinute,
  isFallingBehind,
} from "../../../subgraphs/catalog/usage/domain/backlog.ts";
import { halves, nextStep } from "../../../subgraphs/catalog/usage/domain/delivery.ts";

const RULES = { maxAttempts: 5, backoffMs: 1_000, backoffMaxMs: 10_000 };
const failed = { kind: "failed", reason: "down", retryAfterMs: 0 } as const;

describe("a failed delivery", () => {
  test("is repeated after a wait that doubles up to its limit, cut somewhere in its upper half", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, jitter) => {
          const step = nextStep(RULES, { events: 3, attempts, jitter }, failed);
          const longestMs = Math.min(10_000, 1_000 * 2 ** (attempts - 1));
          expect(step.kind).toBe("retry");
          if (step.kind !== "retry") return;
          expect(step.afterMs).toBeGreaterThanOrEqual(longestMs / 2);
          expect(step.afterMs).toBeLessThanOrEqual(longestMs);
        },
      ),
    );
  });

  test("waits as long as the PLM asks", () => {
    const step = nextStep(RULES, { events: 3, attempts: 1, jitter: 0 }, { ...failed, retryAfterMs: 60_000 });
    expect(step).toMatchObject({ kind: "retry", afterMs: 60_000 });
  });

  test("is the last one after the attempts that are allowed", () => {
    expect(nextStep(RULES, { events: 3, attempts: 5, jitter: 0 }, failed)).toEqual({
      kind: "bury",
      reason: "down",
    });
  });
});

describe("a refused batch", () => {
  const refused = { kind: "refused", reason: "bad" } as const;
  test("is halved until the event at fault is alone, and that one is given up", () => {
    expect(nextStep(RULES, { events: 2, attempts: 1, jitter: 0 }, refused).kind).toBe("split");
    expect(nextStep(RULES, { events: 1, attempts: 1, jitter: 0 }, refused).kind).toBe("bury");
  });

  test("loses nothing by that", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 2 }), (events) => {
        const [first, second] = halves(events);
        expect([...first, ...second]).toEqual(events);
        expect(first.length - second.length).toBeGreaterThanOrEqual(0);
        expect(first.length - second.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("the growth of the backlog", () => {
  const samples = (...pending: number[]) =>
    pending.map((count, index) => ({ atMs: index * 20_000, pending: count }));

  test("is the median slope, which a single burst does not move", () => {
    expect(backlogGrowthPerMinute(samples(0, 10, 20, 30, 40))).toBeCloseTo(30);
    expect(backlogGrowthPerMinute(samples(5, 5, 500, 5, 5, 5, 5))).toBe(0);
    expect(backlogGrowthPerMinute(samples(40, 30, 20, 10, 0))).toBeCloseTo(-30);
  });

  test("is unknown before there are enough samples", () => {
    expect(backlogGrowthPerMinute(samples(0, 10, 20))).toBeNull();
    expect(backlogGrowthPerMinute([])).toBeNull();
  });

  test("is bad news only when the oldest event waits too", () => {
    expect(isFallingBehind({ growthPerMinute: 3, oldestSeconds: 61 })).toBe(true);
    expect(isFallingBehind({ growthPerMinute: 3, oldestSeconds: 59 })).toBe(false);
    expect(isFallingBehind({ growthPerMinute: -3, oldestSeconds: 600 })).toBe(false);
    expect(isFallingBehind({ growthPerMinute: null, oldestSeconds: 600 })).toBe(false);
  });
});

describe("the alert about the backlog", () => {
  const behind = { growthPerMinute: 3, oldestSeconds: 61 };
  const slow = { growthPerMinute: -1, oldestSeconds: 61 };
  const fine = { growthPerMinute: 3, oldestSeconds: 1 };
  test.each([
    ["begins when the PLM falls behind", behind, { isOn: true, isFiring: false }, "raise"],
    ["begins once", behind, { isOn: true, isFiring: true }, "keep"],
    ["goes on while an event waits for too long", slow, { isOn: true, isFiring: true }, "keep"],
    ["does not begin while the backlog shrinks", slow, { isOn: true, isFiring: false }, "keep"],
    ["ends when nothing waits that long any more", fine, { isOn: true, isFiring: true }, "resolve"],
    ["is silent while the PLM is disabled", behind, { isOn: false, isFiring: false }, "keep"],
    ["ends when the PLM is disabled", behind, { isOn: false, isFiring: true }, "resolve"],
  ] as const)("%s", (_what, backlog, state, step) => {
    expect(backlogAlert(backlog, state)).toBe(step);
  });
});
