import type { Clock } from "../../../../lib/clock.ts";
import { halves, nextStep, type DeliveryResult, type DeliveryRules } from "../domain/delivery.ts";
import type { UsageOutbox } from "../ports.ts";
import type { BatchRules, UsageBatch, UsageSink } from "./ports.ts";

export interface UsageDelivery {
  outbox: UsageOutbox;
  sink: UsageSink;
  clock: Clock;
  /** 0-1 */
  random: () => number;
  /** Whether the PLM may be asked at all just now. */
  isOn: () => boolean;
  rules: { batch: BatchRules; delivery: DeliveryRules; leaseMs: number };
  /** Told of every delivery, for the metrics. */
  onDelivery: (delivery: { outcome: DeliveryResult["kind"]; events: number }) => void;
}

/**
 * Delivers what is due, batch by batch. Whoever dies on the way loses nothing: the batch is due again when the
 * lease ends, with the same events under the same key. Stops at the first failure, because the next batch
 * would hardly fare better.
 */
export async function deliverUsage(delivery: UsageDelivery): Promise<void> {
  const { outbox, clock, rules } = delivery;
  if (!delivery.isOn()) return;
  await outbox.form(rules.batch, clock.now());
  while (delivery.isOn()) {
    const now = clock.now();
    const batch = await outbox.claim(now, new Date(now.getTime() + rules.leaseMs));
    if (!batch || !(await deliverBatch(delivery, batch))) return;
  }
}

/** False when the batch has to be delivered again. */
async function deliverBatch(delivery: UsageDelivery, batch: UsageBatch): Promise<boolean> {
  const { outbox, sink, clock, random, rules } = delivery;
  const { events, attempts } = batch;
  const result = await sink.deliver(batch);
  delivery.onDelivery({ outcome: result.kind, events: events.length });
  const step = nextStep(rules.delivery, { events: events.length, attempts, jitter: random() }, result);
  const now = clock.now();
  switch (step.kind) {
    case "settle":
      await outbox.settle(batch, step.rejected, now);
      return true;
    case "split":
      await outbox.split(batch, halves(events), now);
      return true;
    case "bury":
      await outbox.settle(batch, new Map(events.map(({ id }) => [id, step.reason])), now);
      return result.kind === "refused";
    case "retry":
      await outbox.postpone(batch, step.reason, new Date(now.getTime() + step.afterMs));
      return false;
    default:
      return step satisfies never;
  }
}
