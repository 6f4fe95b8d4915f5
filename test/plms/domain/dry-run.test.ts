import { describe, expect, test } from "vitest";
import { dryRunTrials } from "../../../bench/plms/rehearsal-trials.ts";
import type { CostDistribution } from "../../../bench/plms/synthetic-projects.ts";
import { contains } from "../../../subgraphs/plms/domain/statistics/interval.ts";

const PROJECTS = 60;
const lanesOffBy = (laneBias: number): CostDistribution => ({
  name: "lanes",
  cv: 0.3,
  tail: "lognormal",
  driftPerRun: 0,
  laneBias,
});
const widthOf = ({ interval, truth }: ReturnType<typeof dryRunTrials>[number]) =>
  (interval.high - interval.low) / truth;

describe("a dry run of lanes with eighteen runs behind them", () => {
  test.each([0, 0.1, 0.3])(
    "that are off by %d holds about as often as it says, and is seldom LOW",
    (bias) => {
      const trials = dryRunTrials(lanesOffBy(bias), PROJECTS, { size: 200, runs: 18 });
      const held = trials.filter(({ interval, truth }) => contains(interval, truth)).length;
      expect(held / PROJECTS).toBeGreaterThan(0.8);
      expect(held).toBeLessThan(PROJECTS);
      expect(trials.filter(({ isLowReliability }) => isLowReliability).length / PROJECTS).toBeLessThan(0.2);
    },
  );

  test("is the narrower the less their runs differ", () => {
    const [steady = 0, unsteady = 0] = [0, 0.3].map((bias) => {
      const widths = dryRunTrials(lanesOffBy(bias), 20, { size: 200, runs: 18 }).map(widthOf);
      return widths.reduce((sum, width) => sum + width, 0) / widths.length;
    });
    expect(steady).toBeLessThan(unsteady / 3);
  });
});

test("a dry run without any history is LOW", () => {
  const trials = dryRunTrials(lanesOffBy(0.3), 10, { size: 200, runs: 0 });
  expect(trials.every(({ isLowReliability }) => isLowReliability)).toBe(true);
});
