import { describe, expect, test } from "vitest";
import { pooledRatio } from "../../../subgraphs/plms/domain/partial-pooling.ts";
import { factoryPrior, learn, type Prior } from "../../../subgraphs/plms/domain/prior.ts";
import { NO_MOMENTS } from "../../../subgraphs/plms/domain/statistics/moments.ts";

function after(logRatios: readonly number[]): Prior {
  return logRatios.reduce((prior, logRatio) => {
    const metric = { perTask: 1, logRatio, tasks: NO_MOMENTS };
    return learn(prior, { tokens: metric, durationMs: metric, costUsd: metric }).prior;
  }, factoryPrior());
}
const runs = (count: number, logRatio: number) =>
  after(Array.from({ length: count }, (_, n) => logRatio + (n % 2 === 0 ? 0.1 : -0.1))).costUsd;

describe("a provider in a lane", () => {
  const lane = runs(20, 0);
  const pooled = (own: Prior["costUsd"], others: readonly Prior["costUsd"][]) =>
    pooledRatio(own, { lane, providers: [own, ...others] });

  test("without runs is taken for the lane", () => {
    expect(pooled(factoryPrior().costUsd, [runs(9, 0.4)])).toEqual({ mu: lane.ratio.mu, laneShare: 1 });
  });

  test("that is the lane's only one stands for itself", () => {
    const own = runs(5, 0.4);
    expect(pooled(own, [])).toEqual({ mu: own.ratio.mu, laneShare: 0 });
  });

  test("that differs from the others by chance alone is taken for the lane", () => {
    expect(pooled(runs(6, 0.01), [runs(6, 0), runs(6, -0.01)]).laneShare).toBe(1);
  });

  test("counts for itself the more, the more the providers differ", () => {
    const share = (distance: number) => pooled(runs(6, distance), [runs(6, 0), runs(6, -distance)]).laneShare;
    expect(share(0.4)).toBeLessThan(share(0.2));
    expect(share(2)).toBeLessThan(0.1);
  });

  test("counts for itself the more, the more runs it has had", () => {
    const others = [runs(6, 0), runs(6, -0.5)];
    const [few, many] = [pooled(runs(1, 0.5), others), pooled(runs(6, 0.5), others)];
    expect(many.laneShare).toBeLessThan(few.laneShare);
  });

  test("is expected between its own runs and the lane", () => {
    const own = runs(3, 0.5);
    const { mu } = pooled(own, [runs(6, 0), runs(6, -0.5)]);
    expect(mu).toBeLessThan(own.ratio.mu);
    expect(mu).toBeGreaterThan(lane.ratio.mu);
  });
});
