import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  actionsFrom,
  advance,
  LIFECYCLE,
  type Progress,
  type WorkOrderAction,
} from "../../../subgraphs/catalog/work-orders/domain/lifecycle.ts";

const ACTIONS = Object.keys(LIFECYCLE) as WorkOrderAction[];
const planned: Progress = { status: "planned", heldFrom: null, stageIndex: 0 };
const actions = fc.array(fc.constantFrom(...ACTIONS), { maxLength: 60 });
/** Mostly what moves an order on, so that many of them come to their end. */
const work = fc.array(fc.constantFrom<WorkOrderAction[]>("release", "start", "complete", "hold", "unhold"), {
  maxLength: 60,
});
const stages = fc.integer({ min: 1, max: 11 });

/** Every state on the way, the refused actions left out. */
function walk(taken: readonly WorkOrderAction[], stageCount: number): Progress[] {
  const states: Progress[] = [planned];
  for (const action of taken) {
    const next = advance(states.at(-1) ?? planned, action, stageCount);
    if (next) states.push(next);
  }
  return states;
}

describe("the life of a work order", () => {
  test("is this table", () => {
    const from = Object.fromEntries(
      (["planned", "released", "in_progress", "hold", "completed", "closed", "cancelled"] as const).map(
        (status) => [status, actionsFrom(status)],
      ),
    );
    expect(from).toEqual({
      planned: ["release", "hold", "cancel"],
      released: ["start", "hold", "cancel"],
      in_progress: ["pause", "complete", "hold", "cancel"],
      hold: ["unhold", "cancel"],
      completed: [],
      closed: [],
      cancelled: ["uncancel"],
    });
  });

  test("never leaves the stages of its routing", () => {
    fc.assert(
      fc.property(actions, stages, (taken, stageCount) => {
        for (const { stageIndex } of walk(taken, stageCount)) {
          expect(stageIndex).toBeGreaterThanOrEqual(0);
          expect(stageIndex).toBeLessThan(stageCount);
        }
      }),
    );
  });

  test("is held exactly while it knows where the hold began", () => {
    fc.assert(
      fc.property(actions, stages, (taken, stageCount) => {
        for (const { status, heldFrom } of walk(taken, stageCount)) {
          expect(status === "hold").toBe(heldFrom !== null);
        }
      }),
    );
  });

  test("takes an action exactly when the table says so", () => {
    fc.assert(
      fc.property(actions, stages, fc.constantFrom(...ACTIONS), (taken, stageCount, action) => {
        const state = walk(taken, stageCount).at(-1) ?? planned;
        expect(advance(state, action, stageCount) !== undefined).toBe(
          actionsFrom(state.status).includes(action),
        );
      }),
    );
  });

  test("comes back from a hold to exactly where it was", () => {
    fc.assert(
      fc.property(actions, stages, (taken, stageCount) => {
        const state = walk(taken, stageCount).at(-1) ?? planned;
        const held = advance(state, "hold", stageCount);
        fc.pre(held !== undefined);
        expect(held && advance(held, "unhold", stageCount)).toEqual(state);
      }),
    );
  });

  test("ends for good with its last stage, and never becomes CLOSED", () => {
    const endings: { index: number; stageIndex: number; last: number; stageCount: number }[] = [];
    fc.assert(
      fc.property(work, fc.integer({ min: 1, max: 2 }), (taken, stageCount) => {
        const states = walk(taken, stageCount);
        expect(states.some(({ status }) => status === "closed")).toBe(false);
        for (const [index, { status, stageIndex }] of states.entries()) {
          if (status === "completed")
            endings.push({ index, stageIndex, last: states.length - 1, stageCount });
        }
      }),
      { numRuns: 1_000 },
    );
    for (const { index, stageIndex, last, stageCount } of endings) {
      expect(index).toBe(last);
      expect(stageIndex).toBe(stageCount - 1);
    }
    expect(endings.length).toBeGreaterThan(0);
  });

  test("passes every stage in order before it is completed", () => {
    fc.assert(
      fc.property(stages, (stageCount) => {
        const work = Array.from({ length: stageCount }, () => ["start", "complete"] as const).flat();
        const states = walk(["release", ...work], stageCount);
        expect(states.at(-1)).toEqual({ status: "completed", heldFrom: null, stageIndex: stageCount - 1 });
        expect(states.map(({ stageIndex }) => stageIndex)).toEqual(
          states.map(({ stageIndex }) => stageIndex).sort((a, b) => a - b),
        );
      }),
    );
  });
});
