import { setTimeout as sleep } from "node:timers/promises";

/** Shortest distance between two of the things that are spread: few of them are done soon. */
const SPACING_MS = 5;

/** Does something to each item, spread evenly with some jitter, over `windowMs` or less when there are few. */
export async function spread<T>(
  items: readonly T[],
  windowMs: number,
  action: (item: T) => Promise<void> | void,
): Promise<void> {
  const spacingMs = Math.min(SPACING_MS, windowMs / Math.max(1, items.length));
  await Promise.all(
    items.map(async (item, index) => {
      const delayMs = (index + Math.random()) * spacingMs;
      if (items.length > 1) await sleep(delayMs);
      await action(item);
    }),
  );
}
