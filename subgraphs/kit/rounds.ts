/** What is done, and how often. */
export interface RoundsOptions {
  /** Longest pause between the end of a round and the start of the next, in milliseconds; 0 for no rounds at all. */
  everyMs: number;
  /** Shortest pause, for work that is told when there is some; default 0. */
  spacingMs?: number;
  /** While this is true, a pause of a second is long enough. */
  isUrgent?: () => boolean;
  round(): Promise<unknown>;
  /** Told of a round that failed; the next one comes all the same. */
  onError(error: unknown): void;
}

/** Work that goes on until it is closed. */
export interface Rounds {
  /** There is work: the next round begins after the shortest pause. */
  soon(): void;
  /** Begins no more rounds, and resolves when the last one is over. */
  close(): Promise<void>;
}

const URGENT_MS = 1_000;

/**
 * Does something again and again, one at a time, until it is closed; the first round comes after the first pause.
 *
 * @example
 * const rounds = startRounds({ everyMs: 60_000, round: () => prune(db), onError: (err) => log.error({ err }, "not pruned") });
 * await rounds.close();
 */
export function startRounds(options: RoundsOptions): Rounds {
  const { everyMs, spacingMs = 0, isUrgent = () => false } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isWanted = false;
  let isClosed = everyMs === 0;
  let restedAtMs = performance.now() + spacingMs;

  const pauseMs = () => {
    if (isWanted) return Math.max(0, restedAtMs - performance.now());
    return isUrgent() ? Math.min(URGENT_MS, everyMs) : everyMs;
  };
  const schedule = () => {
    if (!isClosed) timer = setTimeout(begin, pauseMs()).unref();
  };
  // Known to be running before it runs: the round itself may say that there is more work.
  const begin = () => {
    running = Promise.resolve().then(run);
  };
  const run = async () => {
    isWanted = false;
    try {
      await options.round();
    } catch (error) {
      options.onError(error);
    }
    running = undefined;
    restedAtMs = performance.now() + spacingMs;
    schedule();
  };
  schedule();
  return {
    soon: () => {
      if (isWanted) return;
      isWanted = true;
      clearTimeout(timer);
      if (running === undefined) schedule();
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
