import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canMove,
  isActive,
  isFinal,
  outcomeOf,
  RUN_TRANSITIONS,
  type RunStatus,
} from "../../../subgraphs/plms/domain/run-state.ts";

const STATUSES = Object.keys(RUN_TRANSITIONS) as RunStatus[];

describe("state of a run", () => {
  test("leads from submitting to every other state", () => {
    const reached = new Set<RunStatus>(["submitting"]);
    for (const status of reached) for (const next of RUN_TRANSITIONS[status]) reached.add(next);
    expect([...reached].sort()).toEqual([...STATUSES].sort());
  });

  test("ends in completed, failed or cancelled and nowhere else", () => {
    expect(STATUSES.filter(isFinal)).toEqual(["completed", "failed", "cancelled"]);
  });

  test("is active only while the executor has the run", () => {
    expect(STATUSES.filter(isActive)).toEqual(["executing", "paused", "validating"]);
  });

  test("never leaves an end, whatever is tried in whatever order", () => {
    const walk = (wishes: readonly RunStatus[]) =>
      wishes.reduce<RunStatus[]>(
        (path, wish) => (canMove(path.at(-1) ?? "submitting", wish) ? [...path, wish] : path),
        ["submitting"],
      );
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STATUSES)), (wishes) => {
        expect(walk(wishes).slice(0, -1).some(isFinal)).toBe(false);
      }),
    );
  });

  test("never goes back to submitting", () => {
    expect(STATUSES.some((status) => canMove(status, "submitting"))).toBe(false);
  });

  test("needs review when the executor finds it invalid, and has to meet its KPIs otherwise", () => {
    const outcomes = (hasKpis: boolean) => [true, null, false].map((pass) => outcomeOf(pass, hasKpis));
    expect(outcomes(false)).toEqual(["completed", "completed", "needs_review"]);
    expect(outcomes(true)).toEqual(["validating", "validating", "needs_review"]);
  });
});
