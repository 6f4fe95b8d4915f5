import { describe, expect, test } from "vitest";
import { runwayOf } from "../../../subgraphs/plms/domain/runway.ts";
import { standingAfter } from "../../../subgraphs/plms/domain/runway-status.ts";
import { FACTORY_TASKS } from "../../../subgraphs/plms/domain/task-belief.ts";
import { CERTAIN, done, lane, ledger, MINUTE_MS, NOW_MS, run, runway } from "./ledgers.ts";

describe("committed", () => {
  const working = (maxConcurrent: number) =>
    runway({
      usdMax: 1000,
      lanes: [lane(40, { tasks: 20, estimatedUsdSquared: 80, maxConcurrent })],
      runs: [run({ lanes: [] })],
    });

  test("are the tasks that the executor may be working on, and the rest of the budget lasts for the others", () => {
    expect(working(4)).toMatchObject({ usdCommitted: 8, minutesToDepletion: expect.closeTo(992, 4) });
    expect(working(100).usdCommitted).toBe(40);
  });

  test("are held at their 90th percentile", () => {
    const unsure = { lanes: [lane(100, { tasks: 10, estimatedUsdSquared: 1000, maxConcurrent: 1 })] };
    expect(runway(unsure, () => FACTORY_TASKS).usdCommitted).toBeGreaterThan(10 * 1.3);
  });

  test("is nothing while nothing executes", () => {
    const idle = { lanes: [lane(40, { maxConcurrent: 4 })] };
    expect(runway({ ...idle, runs: [] }).usdCommitted).toBe(0);
    expect(runway({ ...idle, runs: [run({ status: "paused" })] }).usdCommitted).toBe(0);
  });
});

describe("methods that disagree by more than a quarter", () => {
  const half = (burnUsd: number) =>
    runway({
      usdMax: 1000,
      usdSpent: 20,
      lanes: [lane(40, { tasks: 2, estimatedUsdSquared: 800 })],
      runs: [
        run({
          startedAtMs: NOW_MS - 20 * MINUTE_MS,
          burn: { usd: burnUsd, atMs: NOW_MS },
          lanes: [done(20)],
        }),
      ],
    }).warnings;

  test("are a warning", () => {
    const steady = (15 / Math.LN2) * (1 - 0.5 ** (20 / 15));
    expect(half(steady)).toEqual([]);
    expect(half(steady * 3)).toEqual(["methods_disagree"]);
  });
});

describe("the run's clock stands still while it is paused", () => {
  test("so that a pause neither cheapens the burn nor ages it", () => {
    const before = runway({ runs: [run({ startedAtMs: NOW_MS - 10 * MINUTE_MS })] });
    const resumed = run({
      startedAtMs: NOW_MS - 10 * MINUTE_MS,
      pausedMs: 60 * MINUTE_MS,
    });
    const after = runwayOf(ledger({ runs: [resumed] }), {
      nowMs: NOW_MS + 60 * MINUTE_MS,
      beliefOf: () => CERTAIN,
    });
    expect(after.burnPerMin).toBeCloseTo(before.burnPerMin, 9);
  });
});

describe("status that stood before", () => {
  test("is kept until a milder one has been seen twice, and worsens at once", () => {
    expect(runway({ standing: "critical" })).toMatchObject({ status: "critical", foundStatus: "ok" });
    expect(runway({ standing: "ok", usdSpent: 130 }).status).toBe("critical");
    const once = standingAfter({ status: "critical", cleanEvaluations: 0 }, "ok");
    expect(once).toEqual({ status: "critical", cleanEvaluations: 1 });
    expect(standingAfter(once, "ok")).toEqual({ status: "ok", cleanEvaluations: 0 });
    expect(standingAfter(once, "critical")).toEqual({ status: "critical", cleanEvaluations: 0 });
  });

  test("no longer counts once the run has ended", () => {
    const ended = runway({ standing: "critical", runs: [run({ status: "completed" })] });
    expect(ended).toMatchObject({ reason: "finished", status: "ok" });
    expect(standingAfter({ status: "critical", cleanEvaluations: 0 }, "ok", { isOver: true })).toEqual({
      status: "ok",
      cleanEvaluations: 0,
    });
  });
});
