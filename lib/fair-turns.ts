import type { CodedError } from "./errors.ts";

/** Work of which there is too much for all callers at once. */
export interface FairTurns {
  /**
   * Does `work` for `key` when it is its turn; without a key for the gateway itself, whose work is never refused.
   *
   * @throws CodedError when as much waits for `key` already as may
   */
  take<T>(key: string | undefined, work: () => T | Promise<T>): Promise<T>;
  /** Pieces of work that wait for their turn. */
  waiting(): number;
}

export interface FairTurnsOptions {
  /** Pieces of work at a time. */
  atOnce: number;
  /** Pieces that may wait for one key. */
  mostWaiting: number;
  refuse: () => CodedError;
  /** Whether as much time is left to others after each piece as it took; for work on the event loop. */
  rests?: boolean;
}

/**
 * Callers take turns: each piece of work that ends makes room for one of the caller who has waited longest since its
 * last. Between two turns the event loop serves whatever else there is, so that a caller with thousands of pieces holds
 * up its own work and nobody else's.
 */
export function createFairTurns({ atOnce, mostWaiting, refuse, rests = false }: FairTurnsOptions): FairTurns {
  /** By key; the one whose turn is next comes first. */
  const queues = new Map<string | undefined, (() => Promise<void>)[]>();
  let running = 0;
  let waiting = 0;

  const next = () => {
    const [first] = queues;
    if (!first || running >= atOnce) return;
    const [key, queue] = first;
    const begin = queue.shift();
    queues.delete(key);
    if (queue.length > 0) queues.set(key, queue);
    if (!begin) return;
    waiting -= 1;
    running += 1;
    const beganMs = performance.now();
    const end = () => {
      running -= 1;
      next();
    };
    // The turn of the loop is over when everything that came of the piece has been done.
    void begin().finally(() =>
      setImmediate(() => (rests ? setTimeout(end, performance.now() - beganMs) : end())),
    );
  };
  return {
    take: (key, work) => {
      const queue = queues.get(key) ?? [];
      if (key !== undefined && queue.length >= mostWaiting) return Promise.reject(refuse());
      const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof work>>>();
      // A turn is over when its work is, well or not; those who wait for its result hear which.
      queue.push(async () => {
        try {
          resolve(await work());
        } catch (error) {
          reject(error);
        }
      });
      queues.set(key, queue);
      waiting += 1;
      next();
      return promise;
    },
    waiting: () => waiting,
  };
}
