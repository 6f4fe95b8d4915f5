import type { DeliveryResult } from "../domain/delivery.ts";

/** An event as the PLM gets it; `id` is what the PLM counts it by. */
export interface UsageEvent extends Readonly<Record<string, unknown>> {
  id: string;
  type: string;
  workOrderId: string;
  /** ISO-8601 UTC. */
  occurredAt: string;
}

/** Events that go out together, again and again under one key until the PLM has them. */
export interface UsageBatch {
  id: string;
  key: string;
  /** Deliveries so far, the one under way included. */
  attempts: number;
  events: readonly UsageEvent[];
}

export interface UsageBacklog {
  pending: number;
  oldestSeconds: number | null;
  deadLetters: number;
  deadLetterIds: readonly string[];
  lastError: string | null;
  lastDeliveredAt: Date | null;
}

/** How batches are formed: when there are `size` events, or one that has waited for `maxWaitMs`. */
export interface BatchRules {
  size: number;
  maxWaitMs: number;
}

/** Usage events, written with the work order that they tell of. */
export interface UsageOutbox {
  /** Forms every batch that is due; answers how many. */
  form(rules: BatchRules, now: Date): Promise<number>;
  /** A batch that is due, nobody else's until `leaseUntil`; undefined when there is none. */
  claim(now: Date, leaseUntil: Date): Promise<UsageBatch | undefined>;
  /** The PLM has the batch, except for the rejected events, which are dead letters with their reason. */
  settle(batch: UsageBatch, rejected: ReadonlyMap<string, string>, now: Date): Promise<void>;
  /** The batch is tried again at `at`, unless somebody took it over since. */
  postpone(batch: UsageBatch, reason: string, at: Date): Promise<void>;
  /** The parts become batches of their own, under new keys. */
  split(batch: UsageBatch, parts: readonly (readonly UsageEvent[])[], now: Date): Promise<void>;
  /** Makes dead letters wait for a new batch; all of them without ids. Answers how many. */
  revive(ids: readonly string[] | undefined): Promise<number>;
  backlog(now: Date): Promise<UsageBacklog>;
}

/** The PLM's counter of usage. */
export interface UsageSink {
  /** Never rejects: what went wrong is the result. */
  deliver(batch: UsageBatch): Promise<DeliveryResult>;
}
