import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** Why a subscription ended. */
export type EndReason =
  | "client"
  | "disconnected"
  | "completed"
  | "refused"
  | "expired"
  | "revoked"
  | "slow"
  | "drain";

/** What subscriptions tell of themselves. */
export interface SubscriptionMeter {
  triggers(count: number): void;
  connections(transport: "websocket" | "sse" | "multipart", change: 1 | -1): void;
  started(): void;
  ended(reason: EndReason): void;
  /** An event came from a subgraph. */
  arrived(field: string): void;
  /** An event has gone to everybody who listens, this long after it came. */
  published(lagMs: number): void;
  /** So many events went to listeners. */
  delivered(count: number): void;
  /** A slow client got a later event in place of one that waited. */
  conflated(): void;
  /** A client came back: with everything it missed, or after a gap. */
  resumed(isComplete: boolean): void;
  /** A subgraph's stream broke, and what it would have said is lost. */
  upstreamGap(): void;
  /** A subgraph was away for so long that those who listen were told. */
  upstreamOutage(): void;
}

export interface EventListeners {
  /** Hears how long it took to hand an event to everybody who listens. */
  lag(ms: number): void;
  /** Hears that so many events were handed to clients. */
  delivered(count: number): void;
}

export function createSubscriptionMeter(registry: Registry): SubscriptionMeter {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames, registers });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames, registers });

  const active = gauge("gateway_subscriptions_active", "Subscriptions that are running");
  const triggers = gauge(
    "gateway_subscription_triggers",
    "Distinct subscriptions, each with one stream of a subgraph",
  );
  const connections = gauge("gateway_subscription_connections", "Open connections by transport", [
    "transport",
  ]);
  const arrived = counter("gateway_subscription_events_in_total", "Events from subgraphs by root field", [
    "field",
  ]);
  const delivered = counter("gateway_subscription_events_out_total", "Events handed to clients");
  const conflated = counter(
    "gateway_subscription_conflated_total",
    "Events that slow clients did not get, for a later one",
  );
  const resumes = counter(
    "gateway_subscription_resumes_total",
    "Clients that came back, with everything or after a gap",
    ["outcome"],
  );
  const gaps = counter(
    "gateway_subscription_upstream_gaps_total",
    "Breaks of a subgraph's stream that lost events",
  );
  const outages = counter(
    "gateway_subscription_upstream_outages_total",
    "Outages of a subgraph's stream that those who listen were told of",
  );
  const ended = counter("gateway_subscription_ends_total", "Subscriptions that ended, by reason", ["reason"]);
  const lag = new Histogram({
    name: "gateway_subscription_lag_seconds",
    help: "Time from an event's arrival until it has been handed to every client",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  return {
    triggers: (count) => triggers.set(count),
    connections: (transport, change) => connections.inc({ transport }, change),
    started: () => active.inc(),
    ended: (reason) => {
      active.dec();
      ended.inc({ reason });
    },
    arrived: (field) => arrived.inc({ field }),
    published: (lagMs) => lag.observe(lagMs / 1000),
    delivered: (count) => delivered.inc(count),
    conflated: () => conflated.inc(),
    resumed: (isComplete) => resumes.inc({ outcome: isComplete ? "complete" : "gap" }),
    upstreamGap: () => gaps.inc(),
    upstreamOutage: () => outages.inc(),
  };
}

/** The same meter, of which somebody else hears too. */
export const heardBy = (meter: SubscriptionMeter, listeners: EventListeners): SubscriptionMeter => ({
  ...meter,
  published: (lagMs) => {
    meter.published(lagMs);
    listeners.lag(lagMs);
  },
  delivered: (count) => {
    meter.delivered(count);
    listeners.delivered(count);
  },
});
