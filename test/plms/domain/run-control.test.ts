import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { settlementOf, type ExecutorView } from "../../../subgraphs/plms/domain/reconcile-run.ts";
import {
  concernsExecutor,
  goalOf,
  verdictOn,
  type RunAction,
} from "../../../subgraphs/plms/domain/run-control.ts";
import {
  canMove,
  isFinal,
  RUN_TRANSITIONS,
  type RunStatus,
} from "../../../subgraphs/plms/domain/run-state.ts";

const STATUSES = Object.keys(RUN_TRANSITIONS) as RunStatus[];
const ACTIONS: readonly RunAction[] = ["pause", "resume", "cancel"];

describe("an action on a run", () => {
  test.each([
    ["pause", "executing", "due"],
    ["pause", "paused", "done"],
    ["pause", "submitting", "impossible"],
    ["pause", "completed", "impossible"],
    ["resume", "paused", "due"],
    ["resume", "executing", "done"],
    ["resume", "needs_review", "impossible"],
    ["cancel", "submitting", "due"],
    ["cancel", "needs_review", "due"],
    ["cancel", "cancelled", "done"],
    ["cancel", "failed", "impossible"],
  ] as const)("%s on a run that is %s is %s", (action, status, verdict) => {
    expect(verdictOn(status, action)).toBe(verdict);
  });

  test("is due only where the state machine has a way, and repeating it changes nothing", () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATUSES), fc.constantFrom(...ACTIONS), (status, action) => {
        const verdict = verdictOn(status, action);
        expect(verdict !== "due" || canMove(status, goalOf(action))).toBe(true);
        expect(verdict === "due" && isFinal(status)).toBe(false);
        expect(verdictOn(goalOf(action), action)).toBe("done");
      }),
    );
  });

  test("concerns the executor while it may be working on the run", () => {
    expect(STATUSES.filter(concernsExecutor)).toEqual(["submitting", "executing", "paused"]);
  });
});

describe("a run compared with what the executor says", () => {
  const NOW_MS = Date.parse("2026-03-01T12:00:00Z");
  const minutesAgo = (minutes: number) => new Date(NOW_MS - minutes * 60_000);
  const view = (status: ExecutorView["status"], completedAt: Date | null = null) => ({ status, completedAt });

  test.each([
    ["executing", view("executing"), null],
    ["paused", view("paused"), null],
    ["executing", view("paused"), "paused"],
    ["paused", view("executing"), "executing"],
    ["executing", view("cancelled"), "cancelled"],
    ["executing", view("failed"), "failed"],
    ["executing", undefined, "needs_review"],
    ["paused", undefined, "needs_review"],
    ["executing", view("completed", minutesAgo(9)), null],
    ["executing", view("completed", minutesAgo(10)), "needs_review"],
    ["executing", view("completed"), null],
    ["executing", view("completed", minutesAgo(-24 * 60)), null],
    ["executing", view("completed", minutesAgo(-24 * 60 - 1)), "needs_review"],
  ] as const)("when %s and %o becomes %s", (status, seen, to) => {
    const settlement = settlementOf(status, seen, NOW_MS);
    expect(settlement?.to ?? null).toBe(to);
    expect(settlement === null || canMove(status, settlement.to)).toBe(true);
    expect(settlement?.reason).not.toBe("");
  });
});
