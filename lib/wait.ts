import { setTimeout as sleep } from "node:timers/promises";

/** How long to wait, and for what. */
export interface WaitOptions {
  /** Default 30000: a loaded machine is no reason to fail. */
  timeoutMs?: number;
  /** What is being waited for, completing "waited 30000 ms for …". */
  what?: string;
}

const POLL_MS = 10;

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
    const attempt = await tryOnce(condition);
    if (attempt.holds) return attempt.value;
    if (performance.now() >= givenUpAt) {
      throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: attempt.reason });
    }
    await sleep(POLL_MS);
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
