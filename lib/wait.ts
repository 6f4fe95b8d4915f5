import { setTimeout as sleep } from "node:timers/promises";

/** How long to wait, and for what. */
export interface WaitOptions {
  /** Default 90000: a loaded machine is no reason to fail. */
  timeoutMs?: number;
  /** What is being waited for, completing "waited 90000 ms for …". */
  what?: string;
}

/** The longer the wait, the less it matters to end it at once, and the more all the looking costs. */
const pollMs = (waitedMs: number) => Math.min(Math.max(waitedMs / 10, 10), 100);

/**
 * Waits until the condition holds and answers what it returned. A condition that throws does not hold yet.
 *
 * @throws Error with the last reason when it does not hold in time
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 90_000, what = "the condition" }: WaitOptions = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const since = performance.now();
  for (;;) {
    const attempt = await tryOnce(condition);
    if (attempt.holds) return attempt.value;
    const waitedMs = performance.now() - since;
    if (waitedMs >= timeoutMs)
      throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: attempt.reason });
    await sleep(pollMs(waitedMs));
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
