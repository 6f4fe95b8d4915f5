import { createHash } from "node:crypto";
import { z } from "zod";
import { badInput, CodedError } from "../../lib/errors.ts";

/** What the PLM has counted. */
export interface UsageCounts {
  /** Distinct events. */
  events: number;
  /** Events that arrived again. */
  duplicates: number;
  /** Batches answered, replays of a key left out. */
  batches: number;
  byType: Record<string, number>;
  byWorkOrder: Record<string, number>;
}

interface BatchResult {
  accepted: number;
  duplicates: number;
}

export interface Usage {
  /**
   * Counts each event once, by its id; the same key again gives the first answer again.
   *
   * @throws CodedError BAD_USER_INPUT for a bad batch, IDEMPOTENCY_KEY_REUSED for another batch under the key
   */
  record(key: unknown, body: unknown): BatchResult;
  counts(): UsageCounts;
}

const LARGEST_BATCH = 500;

const eventSchema = z.looseObject({
  id: z.string().min(1).max(200),
  type: z.string().min(1).max(100),
  workOrderId: z.string().min(1).max(200),
  occurredAt: z.iso.datetime({ offset: true }),
});
type UsageEvent = z.infer<typeof eventSchema>;

const ALLOWED: Record<string, string> = {
  id: "text of 1 to 200 characters",
  type: "text of 1 to 100 characters",
  workOrderId: "text of 1 to 200 characters",
  occurredAt: "an ISO-8601 timestamp",
};

export function createUsage(): Usage {
  const seen = new Set<string>();
  const byType = new Map<string, number>();
  const byWorkOrder = new Map<string, number>();
  const answers = new Map<string, { fingerprint: string; result: BatchResult }>();
  const totals = { duplicates: 0, batches: 0 };

  const count = (event: UsageEvent): boolean => {
    if (seen.has(event.id)) return false;
    seen.add(event.id);
    byType.set(event.type, (byType.get(event.type) ?? 0) + 1);
    byWorkOrder.set(event.workOrderId, (byWorkOrder.get(event.workOrderId) ?? 0) + 1);
    return true;
  };
  return {
    record: (key, body) => {
      if (typeof key !== "string" || key === "")
        throw badInput("Idempotency-Key", key ?? null, "a header with text");
      const events = parseEvents(body);
      const fingerprint = createHash("sha256").update(JSON.stringify(events)).digest("base64");
      const known = answers.get(key);
      if (known && known.fingerprint !== fingerprint) {
        throw new CodedError("IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key came with another batch before");
      }
      if (known) return known.result;
      const accepted = events.filter(count).length;
      const result = { accepted, duplicates: events.length - accepted };
      totals.duplicates += result.duplicates;
      totals.batches += 1;
      answers.set(key, { fingerprint, result });
      return result;
    },
    counts: () => ({
      events: seen.size,
      ...totals,
      byType: Object.fromEntries(byType),
      byWorkOrder: Object.fromEntries(byWorkOrder),
    }),
  };
}

function parseEvents(body: unknown): UsageEvent[] {
  const events = (body as { events?: unknown } | null | undefined)?.events;
  if (!Array.isArray(events) || events.length === 0 || events.length > LARGEST_BATCH) {
    throw badInput(
      "events",
      Array.isArray(events) ? `${events.length} events` : events,
      `a list of 1 to ${LARGEST_BATCH} events`,
    );
  }
  return events.map((event: unknown, index) => {
    const result = eventSchema.safeParse(event);
    if (result.success) return result.data;
    const field = String(result.error.issues[0]?.path[0] ?? "");
    const value = field === "" ? event : (event as Record<string, unknown>)[field];
    throw badInput(
      field === "" ? `events[${index}]` : `events[${index}].${field}`,
      value,
      ALLOWED[field] ?? "an event",
    );
  });
}
