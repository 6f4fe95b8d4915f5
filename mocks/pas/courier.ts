import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { WEBHOOK_MODES, type FaultRule, type Faults } from "../faults.ts";
import { createHeldBack } from "./held-back.ts";
import type { Attempt, WebhookMessage, WebhookPost } from "./webhook-post.ts";

export interface DeliveryCounts {
  delivered: number;
  failedAttempts: number;
  /** Given up because the receiver kept refusing. */
  abandoned: number;
  forgedRefused: number;
  /** More than zero means that the receiver does not check signatures. */
  forgedAccepted: number;
}

export interface Courier {
  /** Settles when the message is delivered, given up, held back by a `reordered` fault, or dropped by `close`. */
  send(message: WebhookMessage): Promise<void>;
  counts(): DeliveryCounts;
  close(): Promise<void>;
}

export interface CourierOptions {
  post: WebhookPost;
  faults: Faults;
  log: Log;
  /** Wait before the first retry, in milliseconds; doubles up to ten seconds. */
  retryBaseMs: number;
}

type Pause = (ms: number) => Promise<void>;

const RETRY_MAX_MS = 10_000;
const LONGEST_HOLD_MS = 1000;
const MOST_REFUSALS = 5;

/** Brings messages to the receiver, again and again, through whatever faults hold. */
export function createCourier(options: CourierOptions): Courier {
  const { post, faults, log } = options;
  const closing = new AbortController();
  const heldBack = createHeldBack();
  const counts = { delivered: 0, failedAttempts: 0, abandoned: 0, forgedRefused: 0, forgedAccepted: 0 };
  const pause: Pause = (ms) => sleep(ms, undefined, { signal: closing.signal });
  const attempt = createAttempt({ post, counts, pause });

  const deliver = async (message: WebhookMessage, rule: FaultRule | undefined): Promise<void> => {
    let outcome = await attempt(message, rule);
    heldBack.release();
    let refusals = 0;
    for (let retry = 0; outcome !== "delivered"; retry += 1) {
      if (outcome === "refused") refusals += 1;
      if (refusals === MOST_REFUSALS) {
        counts.abandoned += 1;
        log.warn(
          { path: message.path, webhookId: message.id },
          `webhook given up after ${refusals} refusals`,
        );
        return;
      }
      const lateMs = retry === 0 && rule?.mode === "lost" ? rule.latencyMs : 0;
      await pause(Math.max(lateMs, Math.min(options.retryBaseMs * 2 ** retry, RETRY_MAX_MS)));
      outcome = await attempt(message, faults.take(message.path, ["down", "slow"]));
    }
  };
  const quietly = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      if (!closing.signal.aborted) log.error(`webhook lost by a mistake of the mock: ${messageOf(error)}`);
    });
  return {
    send: async (message) => {
      if (closing.signal.aborted) return undefined;
      const rule = faults.take(message.path, WEBHOOK_MODES);
      if (rule?.mode !== "reordered" || heldBack.isFull()) return quietly(deliver(message, rule));
      heldBack.hold(() => void quietly(deliver(message, undefined)), rule.latencyMs || LONGEST_HOLD_MS);
      return undefined;
    },
    counts: () => ({ ...counts }),
    close: async () => {
      closing.abort();
      heldBack.close();
      await post.close();
    },
  };
}

/** One attempt under a fault. */
function createAttempt({ post, counts, pause }: { post: WebhookPost; counts: DeliveryCounts; pause: Pause }) {
  return async (message: WebhookMessage, rule: FaultRule | undefined): Promise<Attempt> => {
    if (rule?.mode === "slow") await pause(rule.latencyMs);
    if (rule?.mode === "forged") {
      const isAccepted = (await post.forged(message)) === "delivered";
      counts[isAccepted ? "forgedAccepted" : "forgedRefused"] += 1;
    }
    const vanishes = rule?.mode === "down" || rule?.mode === "lost";
    const outcome = vanishes ? "failed" : await post.signed(message);
    if (rule?.mode === "duplicate") await post.signed(message);
    counts[outcome === "delivered" ? "delivered" : "failedAttempts"] += 1;
    return outcome;
  };
}
