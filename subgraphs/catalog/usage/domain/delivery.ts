/** What came of the delivery of a batch of usage events. */
export type DeliveryResult =
  /** The PLM has the batch; `rejected` are the events it refused, by id with the reason. */
  | { kind: "accepted"; rejected: ReadonlyMap<string, string> }
  /** The PLM refused the whole batch for good: nothing in it was counted. */
  | { kind: "refused"; reason: string }
  /** The PLM did not say, or is ill: the same batch again, later. */
  | { kind: "failed"; reason: string; retryAfterMs: number };

export interface DeliveryRules {
  /** Deliveries of a batch before its events become dead letters. */
  maxAttempts: number;
  /** Wait after the first failed delivery; doubles each time up to `backoffMaxMs`. */
  backoffMs: number;
  backoffMaxMs: number;
}

/** What happens to a batch next. `split`: its halves become batches of their own, to find the event at fault. */
export type NextStep =
  | { kind: "settle"; rejected: ReadonlyMap<string, string> }
  | { kind: "split"; reason: string }
  | { kind: "bury"; reason: string }
  | { kind: "retry"; reason: string; afterMs: number };

/**
 * What to do after a delivery.
 *
 * @param batch its number of events, and its deliveries so far including this one
 * @param jitter 0-1; spreads the retries of many processes over the upper half of the wait
 */
export function nextStep(
  rules: DeliveryRules,
  batch: { events: number; attempts: number; jitter: number },
  result: DeliveryResult,
): NextStep {
  if (result.kind === "accepted") return { kind: "settle", rejected: result.rejected };
  const { reason } = result;
  if (result.kind === "refused") return { kind: batch.events > 1 ? "split" : "bury", reason };
  if (batch.attempts >= rules.maxAttempts) return { kind: "bury", reason };
  const longestMs = Math.min(rules.backoffMaxMs, rules.backoffMs * 2 ** (batch.attempts - 1));
  const afterMs = Math.max(longestMs * (0.5 + batch.jitter / 2), result.retryAfterMs);
  return { kind: "retry", reason, afterMs };
}

/** The halves of a batch, the first one not shorter. */
export function halves<T>(items: readonly T[]): [readonly T[], readonly T[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}
