import { isCodedError } from "../../lib/errors.ts";

export interface RetryOptions {
  /** A number in [0, 1), for the jitter. */
  random: () => number;
}

/** Calls again, once, what failed without an answer; never on behalf of a mutation. */
export type Retry = <T>(isQuery: boolean, call: () => Promise<T>) => Promise<T>;

/** Retries that may be saved up, and what each call adds: a dead subgraph gets a tenth more load, not twice as much. */
const BUDGET = 10;
const EARNED_PER_CALL = 0.1;
const PAUSE_MS = 50;

export function createRetry({ random }: RetryOptions): Retry {
  let budget = BUDGET;
  return async (isQuery, call) => {
    budget = Math.min(BUDGET, budget + EARNED_PER_CALL);
    try {
      return await call();
    } catch (error) {
      // Whoever took too long once gets no second turn: the deadline is gone.
      const isWorthIt = isCodedError(error) && error.code === "SUBGRAPH_UNAVAILABLE";
      if (!isQuery || !isWorthIt || budget < 1) throw error;
      budget -= 1;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (0.5 + random())));
      return call();
    }
  };
}
