import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { budgetProject, TRUTHS } from "../../../bench/plms/budget-projects.ts";
import { contains } from "../../../subgraphs/plms/domain/interval.ts";
import { tailOf } from "../../../subgraphs/plms/domain/cost-tail.ts";
import { trendOf } from "../../../subgraphs/plms/domain/run-trend.ts";
import { runwayOf } from "../../../subgraphs/plms/domain/runway.ts";
import { FACTORY_TASKS } from "../../../subgraphs/plms/domain/task-belief.ts";

/** Projects of one kind of truth, when a share of their tasks is done. */
const ledgersOf = (kind: string, share: number, count = 40) =>
  Array.from({ length: count }, (_, index) =>
    budgetProject(TRUTHS.findIndex(({ name }) => name === kind) + index * TRUTHS.length),
  ).map((project) => ({ project, ...project.ledgerAt(share) }));
const shareOf = <T>(items: readonly T[], holds: (item: T) => boolean) =>
  items.filter(holds).length / items.length;

describe("a trend within the run", () => {
  test("is found where costs rise or fall, and seldom where they do not", () => {
    const found = (kind: string) => ledgersOf(kind, 0.75).map(({ ledger }) => trendOf(ledger).shift);
    expect(shareOf(found("costs rise by 60 %"), (shift) => shift > 0)).toBeGreaterThan(0.7);
    expect(shareOf(found("costs fall by a third"), (shift) => shift < 0)).toBeGreaterThan(0.6);
    expect(shareOf(found("ordinary"), (shift) => shift !== 0)).toBeLessThan(0.15);
  });

  test("is known ever better as the run goes on, and is nothing once nothing is open", () => {
    const [{ project }] = ledgersOf("ordinary", 0.1, 1) as [ReturnType<typeof ledgersOf>[number]];
    const sds = [0.1, 0.3, 0.5, 0.7, 0.9].map((share) => trendOf(project.ledgerAt(share).ledger).shiftSd);
    expect(sds).toEqual(sds.toSorted((a, b) => b - a));
    expect(trendOf(project.ledgerAt(1).ledger)).toEqual({ shift: 0, shiftSd: 0 });
  });

  test("lets the interval hold, or says that it is worth little", () => {
    for (const kind of ["costs rise by 60 %", "costs fall by a third"]) {
      const told = [0.25, 0.5, 0.75, 0.9].flatMap((share) =>
        ledgersOf(kind, share)
          .map(({ project, ledger, nowMs }) => ({
            truth: project.totalUsd,
            ...runwayOf(ledger, { nowMs, beliefOf: () => FACTORY_TASKS }),
          }))
          .filter(({ reliability }) => reliability !== "low"),
      );
      const isInside = (answer: (typeof told)[number]) =>
        contains(answer.projectedCostInterval, answer.truth);
      expect(shareOf(told, isInside)).toBeGreaterThan(0.75);
    }
  });
});

test("a tail of dear tasks is found by its skewness, and makes the reliability low", () => {
  const found = ledgersOf("5 % eight times dearer", 0.75).map(({ ledger, nowMs }) => ({
    tail: tailOf(ledger, () => FACTORY_TASKS),
    reliability: runwayOf(ledger, { nowMs, beliefOf: () => FACTORY_TASKS }).reliability,
  }));
  expect(shareOf(found, ({ tail }) => tail.isSeen)).toBeGreaterThan(0.85);
  expect(found.filter(({ tail }) => tail.isSeen).every(({ reliability }) => reliability === "low")).toBe(
    true,
  );
  expect(
    shareOf(ledgersOf("ordinary", 0.75), ({ ledger }) => tailOf(ledger, () => FACTORY_TASKS).isSeen),
  ).toBeLessThan(0.2);
});

test("figures of one answer agree: what is committed is never more than all open work is expected to cost", () => {
  fc.assert(
    fc.property(fc.nat(500), fc.integer({ min: 1, max: 19 }), (seed, twentieths) => {
      const { ledger, nowMs } = budgetProject(seed).ledgerAt(twentieths / 20);
      const found = runwayOf(ledger, { nowMs, beliefOf: () => FACTORY_TASKS });
      expect(found.usdCommitted).toBeLessThanOrEqual(found.projectedCostUsd - found.usdSpent + 1e-5);
      const isNothingLeft = found.minutesToDepletion === 0;
      expect(isNothingLeft && found.projectedCostUsd < (found.usdMax ?? 0)).toBe(false);
    }),
  );
});
