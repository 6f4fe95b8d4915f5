import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { outcomeOf, type Circumstances } from "../../mocks/pas/outcomes.ts";
import type { Task } from "../../mocks/pas/submission.ts";
import { waitFor } from "../../lib/wait.ts";
import { startPas, submission } from "./pas-client.ts";

const CIRCUMSTANCES: Circumstances = {
  seed: 1,
  projectId: "7",
  runOrdinal: 1,
  providers: ["anthropic", "openai"],
  failureRate: 0.02,
};
const task = (id: number, laneId = 4200): Task => ({
  task_id: String(id),
  lane_id: laneId,
  estimated_tokens: 3000,
  estimated_duration_ms: 300_000,
  estimated_cost_usd: 0.18,
});
const outcomes = (circumstances: Circumstances, laneId?: number) =>
  Array.from({ length: 2000 }, (_, id) => outcomeOf(task(id, laneId), circumstances));
const meanCost = (of: ReturnType<typeof outcomes>) =>
  of.reduce((sum, { costUsd }) => sum + costUsd, 0) / of.length;

describe("outcomes of tasks", () => {
  test("are the same for the same seed, project, run and task", () => {
    expect(outcomes(CIRCUMSTANCES)).toEqual(outcomes({ ...CIRCUMSTANCES }));
  });

  test("differ for another seed and for a later run", () => {
    const costs = (circumstances: Circumstances) => outcomes(circumstances).map(({ costUsd }) => costUsd);
    expect(costs({ ...CIRCUMSTANCES, seed: 2 })).not.toEqual(costs(CIRCUMSTANCES));
    expect(costs({ ...CIRCUMSTANCES, runOrdinal: 2 })).not.toEqual(costs(CIRCUMSTANCES));
  });

  test("scatter about the estimate, each lane with a bias of -10 % to +30 %", () => {
    for (const laneId of [4200, 4201, 5100, 6100]) {
      const ratio = meanCost(outcomes(CIRCUMSTANCES, laneId)) / 0.18;
      expect(ratio).toBeGreaterThan(0.88);
      expect(ratio).toBeLessThan(1.33);
    }
    expect(meanCost(outcomes(CIRCUMSTANCES, 4200))).not.toBeCloseTo(
      meanCost(outcomes(CIRCUMSTANCES, 5100)),
      2,
    );
  });

  test("fail about as often as they should and use every provider", () => {
    const all = outcomes(CIRCUMSTANCES);
    const failures = all.filter(({ status }) => status === "failed").length;
    expect(failures).toBeGreaterThan(15);
    expect(failures).toBeLessThan(75);
    expect(new Set(all.map(({ provider }) => provider))).toEqual(new Set(["anthropic", "openai"]));
  });

  test("are always numbers that the contract allows", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 65_535 }), fc.nat({ max: 1_000_000 }), (seed, laneId, id) => {
        const outcome = outcomeOf(task(id, laneId), { ...CIRCUMSTANCES, seed });
        expect(Number.isInteger(outcome.tokens) && outcome.tokens > 0).toBe(true);
        expect(Number.isInteger(outcome.durationMs) && outcome.durationMs > 0).toBe(true);
        expect(outcome.costUsd).toBe(Number(outcome.costUsd.toFixed(6)));
        expect(outcome.echoCos >= 0 && outcome.echoCos <= 1).toBe(true);
      }),
    );
  });

  test("come out of two servers with one seed alike, whatever the order of arrival", async () => {
    const costsOf = async (speed: number) => {
      const pas = await startPas({ seed: 42, speed });
      await pas.submit(submission(20));
      await waitFor(() => pas.receiver.completions().length === 1);
      const costs = pas.receiver.receipts().map((receipt) => [receipt.task_id, receipt.cost_usd] as const);
      return Object.fromEntries(costs);
    };
    expect(await costsOf(20_000)).toEqual(await costsOf(1_000_000));
  });
});
