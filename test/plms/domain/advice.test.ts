import { describe, expect, test } from "vitest";
import { adviceOf } from "../../../subgraphs/plms/domain/advice.ts";
import type { ProjectLedger } from "../../../subgraphs/plms/domain/budget-ledger.ts";
import { runwayOf } from "../../../subgraphs/plms/domain/runway.ts";
import { FACTORY_TASKS } from "../../../subgraphs/plms/domain/task-belief.ts";
import { done, lane, ledger, MINUTE_MS, NOW_MS, run, runway } from "./ledgers.ts";

/** A run of ten minutes at a USD a minute that has done half of its work. */
const halfDone = (changes: Partial<ProjectLedger> = {}): Partial<ProjectLedger> => ({
  usdSpent: 50,
  lanes: [lane(100, { tasks: 100, estimatedUsdSquared: 100 })],
  runs: [run({ startedAtMs: NOW_MS - 50 * MINUTE_MS, lanes: [{ ...done(50), tasks: 50 }] })],
  ...changes,
});

describe("advice on a budget", () => {
  test("is not given while it is in order, and when there is none", () => {
    expect(adviceOf(runway(halfDone({ usdMax: 200 })))).toBeNull();
    expect(adviceOf(runway(halfDone({ usdMax: null })))).toBeNull();
  });

  test("says when the money ends before the work does, in words that stay true while time passes", () => {
    const found = runway(halfDone({ usdMax: 80 }));
    const advice = adviceOf(found);
    expect(advice).toMatchObject({ cause: "money_ends_first", remedies: ["raise_budget", "pause"] });
    expect(advice?.sentence).toMatch(
      /^It is more than 99 % likely to go over its budget of 80\.00 USD, as the money ends 23 min before the work: raise the budget by 20\.\d\d USD or pause the run\.$/,
    );
    const minutesApart =
      ((advice?.workEndsAt?.getTime() ?? 0) - (advice?.moneyEndsAt?.getTime() ?? 0)) / MINUTE_MS;
    expect(Math.round(minutesApart)).toBe(23);
    expect(advice?.moneyEndsAt?.getTime()).toBeCloseTo(
      NOW_MS + (found.minutesToDepletion ?? 0) * MINUTE_MS,
      -1,
    );
  });

  test("says what is spent when everything is, and does not offer to pause what cannot go on", () => {
    expect(adviceOf(runway(halfDone({ usdMax: 40 })))).toMatchObject({
      cause: "used_up",
      sentence: expect.stringMatching(
        /^50\.00 USD of its budget of 40\.00 USD are spent and the work is not done: raise the budget by 60\.\d\d USD or cancel the run\.$/,
      ),
      remedies: ["raise_budget", "cancel"],
    });
  });

  test("offers no pause of what has not started or is paused, and nothing at all of what is over", () => {
    expect(adviceOf(runway(halfDone({ usdMax: 60, usdSpent: 0, runs: [] })))).toMatchObject({
      cause: "overrun_likely",
      remedies: ["raise_budget"],
    });
    const paused = run({ status: "paused", pausedAtMs: NOW_MS, lanes: [{ ...done(50), tasks: 50 }] });
    expect(adviceOf(runway(halfDone({ usdMax: 80, runs: [paused] })))).toMatchObject({
      remedies: ["raise_budget", "cancel"],
      moneyEndsAt: null,
      workEndsAt: null,
    });
    expect(adviceOf(runway(halfDone({ usdMax: 40, runs: [run({ status: "completed" })] })))).toEqual({
      cause: "ended_over",
      sentence: "The work has ended 10.00 USD over its budget of 40.00 USD.",
      moneyEndsAt: null,
      workEndsAt: null,
      raiseByUsd: null,
      remedies: [],
    });
  });

  test.each([10, 49.99, 50, 60, 75, 99, 100.5, 130])(
    "names a raise that puts a budget of %s USD in order, and not much more than that",
    (usdMax) => {
      const now = (limit: number) =>
        runwayOf(ledger(halfDone({ usdMax: limit })), { nowMs: NOW_MS, beliefOf: () => FACTORY_TASKS });
      const raiseByUsd = now(usdMax).raiseByUsd ?? Number.NaN;
      expect(now(usdMax + raiseByUsd).status).toBe("ok");
      if (now(usdMax).status === "ok") return;
      expect(raiseByUsd).toBeGreaterThan(0);
      const { projectedCostInterval } = now(usdMax);
      expect(usdMax + raiseByUsd).toBeLessThanOrEqual(projectedCostInterval.high + 0.01);
    },
  );
});
