import { setImmediate } from "node:timers/promises";

/** Long work that may be interrupted wherever it yields; what it returns is its result. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** How long other work waits at most, in milliseconds; less than a frame of the eye. */
const STEP_MS = 10;
const LOT = 1_000;

/**
 * Runs long work a few milliseconds at a time, so that whatever else the process does goes on meanwhile.
 *
 * @throws whatever the work throws
 * @example const sum = await inSteps(sumOf(million)); // function* sumOf(items) { for (…) { …; yield; } return sum; }
 */
export async function inSteps<T>(steps: Steps<T>, stepMs: number = STEP_MS): Promise<T> {
  let untilMs = performance.now() + stepMs;
  let step = steps.next();
  while (!step.done) {
    if (performance.now() >= untilMs) {
      await setImmediate();
      untilMs = performance.now() + stepMs;
    }
    step = steps.next();
  }
  return step.value;
}

/**
 * Does something short for each of many, and lets others work in between. What it begins goes on by itself, so steps may
 * have to be shorter.
 *
 * @example void eachInSteps([...sockets], (socket) => socket.ping(), 2);
 */
export const eachInSteps = <T>(items: readonly T[], act: (item: T) => void, stepMs?: number): Promise<void> =>
  inSteps(stepsOf(items, act), stepMs);

function* stepsOf<T>(items: readonly T[], act: (item: T) => void): Steps<void> {
  for (const item of items) {
    act(item);
    yield;
  }
}

/**
 * The items in lots, for work on each that is much shorter than looking at the clock: stop after every lot.
 *
 * @example for (const lot of lotsOf(parts)) { for (const part of lot) count(part); yield; }
 */
export function* lotsOf<T>(
  items: readonly T[],
  size: number = LOT,
): Generator<readonly T[], void, undefined> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

/** Runs the same work in one go, for work that is known to be short. */
export function atOnce<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}
