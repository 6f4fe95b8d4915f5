import { isWorthRepeating } from "../errors/failures.ts";

export interface RetryOptions {
  /** A number in [0, 1), for the jitter. */
  random: () => number;
  /** Told of every repetition. */
  onRetry: () => void;
}

/**
 * Calls again, once, what failed without an answer; only on behalf of what may be done twice: queries, and mutations
 * with an idempotency key. `timeLeftMs` is how long the answer is still wanted.
 */
export type Retry = <T>(
  request: { isRepeatable: boolean; timeLeftMs: () => number },
  call: () => Promise<T>,
) => Promise<T>;

/** Retries that may be saved up, and what each call adds: a dead subgraph gets a tenth more load, not twice as much. */
const BUDGET = 10;
const EARNED_PER_CALL = 0.1;
const PAUSE_MS = 50;

export function createRetry({ random, onRetry }: RetryOptions): Retry {
  let budget = BUDGET;
  return async ({ isRepeatable, timeLeftMs }, call) => {
    budget = Math.min(BUDGET, budget + EARNED_PER_CALL);
    try {
      return await call();
    } catch (error) {
      const pauseMs = PAUSE_MS * (0.5 + random());
      const isAffordable = budget >= 1 && timeLeftMs() > pauseMs;
      if (!isRepeatable || !isAffordable || !isWorthRepeating(error)) throw error;
      budget -= 1;
      onRetry();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      return call();
    }
  };
}
