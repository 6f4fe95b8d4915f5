import { setTimeout as sleep } from "node:timers/promises";

/** How long to wait, and for what. */
export interface WaitOptions {
  /** Default 30000: a loaded machine is no reason to fail. */
  timeoutMs?: number;
  /** What is being waited for, completing "waited 30000 ms for …". */
  what?: string;
}

const POLL_MS = 10;
/** What takes long to look at, like the metrics of several processes, is looked at less often: a fifth of the time, at most. */
const PAUSE_SHARE = 4;
const LONGEST_PAUSE_MS = 200;

/**
 * Waits until the condition holds and answers what it returned. A condition that throws does not hold yet.
 *
 * @throws Error with the last reason when it does not hold in time
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 30_000, what = "the condition" }: WaitOptions = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const givenUpAt = performance.now() + timeoutMs;
  for (;;) {
    const lookedMs = performance.now();
    const attempt = await tryOnce(condition);
    if (attempt.holds) return attempt.value;
    if (performance.now() >= givenUpAt) {
      throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: attempt.reason });
    }
    const tookMs = performance.now() - lookedMs;
    await sleep(Math.min(LONGEST_PAUSE_MS, Math.max(POLL_MS, tookMs * PAUSE_SHARE)));
  }
}

type Attempt<T> = { holds: true; value: NonNullable<Exclude<T, false>> } | { holds: false; reason: unknown };

async function tryOnce<T>(condition: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    const value = await condition();
    if (value === false || value === undefined || value === null) return { holds: false, reason: value };
    return { holds: true, value: value as NonNullable<Exclude<T, false>> };
  } catch (reason) {
    return { holds: false, reason };
  }
}
