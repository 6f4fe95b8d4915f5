import { Gauge, type Registry } from "prom-client";
import type { LiveEvent } from "./live-event.ts";

/** What every trigger keeps for those who come back, bounded in bytes for all of them together. */
export interface KeptEvents {
  /** Keeps an event until it is forgotten or there is no more room; then `onForgotten` is told. */
  keep(event: LiveEvent, onForgotten: () => void): void;
  forget(event: LiveEvent): void;
}

interface Kept {
  bytes: number;
  onForgotten: () => void;
}

/** The oldest events give way, whoever they belong to: they are the least likely to be asked for. */
export function createKeptEvents(
  mostBytes: number,
  { metrics, onExceeded }: { metrics: Registry; onExceeded: () => void },
): KeptEvents {
  // In the order in which they came.
  const kept = new Map<LiveEvent, Kept>();
  let total = 0;
  const forget = (event: LiveEvent): Kept | undefined => {
    const known = kept.get(event);
    if (known && kept.delete(event)) total -= known.bytes;
    return known;
  };
  const gauge: Gauge = new Gauge({
    name: "gateway_kept_event_bytes",
    help: "Bytes of events that are kept for clients that come back",
    registers: [],
    collect: () => gauge.set(total),
  });
  metrics.registerMetric(gauge);
  return {
    keep: (event, onForgotten) => {
      const bytes = Buffer.byteLength(event.text);
      kept.set(event, { bytes, onForgotten });
      total += bytes;
      if (total > mostBytes) onExceeded();
      for (const oldest of kept.keys()) {
        if (total <= mostBytes) return;
        forget(oldest)?.onForgotten();
      }
    },
    forget: (event) => void forget(event),
  };
}
