import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../lib/clock.ts";
import { createExecution } from "../../mocks/pas/execution.ts";
import type { Outcome } from "../../mocks/pas/outcomes.ts";
import type { Task } from "../../mocks/pas/submission.ts";

const MINUTE_MS = 60_000;
const ascending = (a: number, b: number) => a - b;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Starts tasks of one minute, or of the given times, and writes down which ended in which order. */
function start(lanes: readonly number[], durationsMs: readonly number[] = []) {
  const tasks = lanes.map((lane_id, index): Task => ({
    task_id: String(index),
    lane_id,
    estimated_tokens: 3000,
    estimated_duration_ms: MINUTE_MS,
    estimated_cost_usd: 0.18,
  }));
  const done: number[] = [];
  const finished = vi.fn<() => void>();
  const outcomeOf = (task: Task): Outcome => ({
    provider: "anthropic",
    tokens: 1,
    durationMs: durationsMs[Number(task.task_id)] ?? MINUTE_MS,
    costUsd: 0.18,
    echoCos: 0.9,
    status: "succeeded",
  });
  const onDone = (task: Task) => done.push(Number(task.task_id));
  const options = { tasks, outcomeOf, speed: 60, clock: systemClock, onDone, onFinished: finished };
  return { execution: createExecution(options), done, finished };
}

describe("working on a run", () => {
  test("does a minute of work in a second at speed 60", () => {
    const { done, finished } = start([4200]);
    vi.advanceTimersByTime(999);
    expect(done).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(done).toEqual([0]);
    expect(finished).toHaveBeenCalledOnce();
  });

  test("has no more tasks of a lane in work than the lane allows, and lanes beside each other", () => {
    const { done } = start([5100, 5100, 5100, 5100, 5100, 9999, 9999, 9999, 9999]);
    vi.advanceTimersByTime(1000);
    expect(done).toEqual([0, 1, 5, 6, 7]);
    vi.advanceTimersByTime(1000);
    expect(done.slice(5).toSorted(ascending)).toEqual([2, 3, 8]);
  });

  test("does nothing while it is paused and then goes on where it stopped", () => {
    const { execution, done, finished } = start([4200, 4200]);
    vi.advanceTimersByTime(400);
    execution.pause();
    execution.pause();
    vi.advanceTimersByTime(10 * MINUTE_MS);
    expect(done).toEqual([]);
    execution.resume();
    execution.resume();
    vi.advanceTimersByTime(599);
    expect(done).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(done).toEqual([0, 1]);
    expect(finished).toHaveBeenCalledOnce();
  });

  test("ends for good when it is stopped, paused or not", () => {
    const { execution, done, finished } = start([4200, 4200]);
    execution.pause();
    execution.stop();
    execution.resume();
    vi.advanceTimersByTime(10 * MINUTE_MS);
    expect(done).toEqual([]);
    expect(finished).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("does each task once and takes exactly the time that it was not paused", () => {
    const step = fc.record({
      action: fc.constantFrom("pause", "resume", "none"),
      waitMs: fc.nat({ max: 2000 }),
    });
    const durations = fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), durations, (steps, durationsMs) => {
        const { execution, done, finished } = start(
          durationsMs.map(() => 4200),
          durationsMs,
        );
        const needed = durationsMs.map((ms) => ms / 60);
        let workedMs = 0;
        let isPaused = false;
        for (const { action, waitMs } of steps) {
          if (action !== "none") {
            execution[action]();
            isPaused = action === "pause";
          }
          vi.advanceTimersByTime(waitMs);
          if (!isPaused) workedMs += waitMs;
          // Fake timers know whole milliseconds only, so each pause may cost one.
          const surelyDone = needed.filter((ms) => ms + steps.length + 1 < workedMs).length;
          expect(done.length).toBeGreaterThanOrEqual(surelyDone);
          expect(done.length).toBeLessThanOrEqual(
            needed.filter((ms) => ms <= workedMs + steps.length + 1).length,
          );
        }
        execution.resume();
        vi.advanceTimersByTime(20_000);
        expect(done.toSorted(ascending)).toEqual(durationsMs.map((_, index) => index));
        expect(finished).toHaveBeenCalledOnce();
      }),
    );
  });
});
