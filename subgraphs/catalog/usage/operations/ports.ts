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

/** The PLM's counter of usage. */
export interface UsageSink {
  /** Never rejects: what went wrong is the result. */
  deliver(batch: UsageBatch): Promise<DeliveryResult>;
}
