import { LRUCache } from "lru-cache";
import type { Clock } from "../../lib/clock.ts";
import type { RateSettings } from "../limits/config.ts";
import type { HeldChange } from "./peers.ts";

/** What the workers hold together: the primary adds it up, and each hears what the others hold. */
export interface Ledger<Worker> {
  /** Takes note of what a worker holds; `tell` gets what changes with that for each of the others. */
  held(worker: Worker, changes: readonly HeldChange[]): void;
  /** A worker is gone, and what it held with it. */
  gone(worker: Worker): void;
  /** What a worker that has just begun has to know. */
  welcome(worker: Worker): void;
}

export function createLedger<Worker>(
  workers: () => Iterable<Worker>,
  tell: (worker: Worker, changes: readonly HeldChange[]) => void,
): Ledger<Worker> {
  const books = new Map<Worker, Map<string, HeldChange>>();
  const bookOf = (worker: Worker) => books.get(worker) ?? new Map<string, HeldChange>();
  const elsewhere = (worker: Worker, name: string) =>
    [...books].reduce((sum, [other, book]) => sum + (other === worker ? 0 : (book.get(name)?.[2] ?? 0)), 0);
  const tellOthers = (of: Worker, changes: readonly HeldChange[]) => {
    for (const worker of workers())
      if (worker !== of)
        tell(
          worker,
          changes.map(([limit, key]) => [limit, key, elsewhere(worker, `${limit} ${key}`)]),
        );
  };
  return {
    held: (worker, changes) => {
      const book = bookOf(worker);
      books.set(worker, book);
      for (const change of changes) {
        const name = `${change[0]} ${change[1]}`;
        if (change[2] === 0) book.delete(name);
        else book.set(name, change);
      }
      tellOthers(worker, changes);
    },
    gone: (worker) => {
      const changes = [...bookOf(worker).values()];
      books.delete(worker);
      if (changes.length > 0) tellOthers(worker, changes);
    },
    welcome: (worker) => {
      const known = new Map([...books.values()].flatMap((book) => [...book]));
      const changes = [...known].map(([name, [limit, key]]): HeldChange => [
        limit,
        key,
        elsewhere(worker, name),
      ]);
      if (changes.length > 0) tell(worker, changes);
    },
  };
}

/** Identities that are counted at a time; those away for longest are forgotten, which only helps them. */
const CAPACITY = 50_000;

/** The buckets that all workers empty together: takes so many tokens of each key, and says what is left by position. */
export function createCommonBuckets({ perSecond, burst }: RateSettings, clock: Clock) {
  const buckets = new LRUCache<string, { tokens: number; atMs: number }>({ max: CAPACITY });
  return (spent: readonly (readonly [key: string, tokens: number])[]): number[] => {
    const nowMs = clock.monotonicMs();
    return spent.map(([key, taken]) => {
      const { tokens, atMs } = buckets.get(key) ?? { tokens: burst, atMs: nowMs };
      const refilled = Math.min(burst, tokens + ((nowMs - atMs) * perSecond) / 1000);
      const left = Math.max(refilled - taken, -burst);
      buckets.set(key, { tokens: left, atMs: nowMs });
      return left;
    });
  };
}
