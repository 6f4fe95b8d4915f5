import type { Clock } from "../../lib/clock.ts";
import { badInput } from "../../lib/errors.ts";
import { checkedSpan, type TimeSpan } from "../../lib/time-span.ts";
import { LogHistogram, type HistogramBar } from "./log-histogram.ts";
import { KEPT_MINUTES, MINUTE_MS, type Minute, type Minutes, type OperationSums } from "./minutes.ts";

/** A step of whole minutes; rates are null where nothing was counted. */
interface HistoryPoint extends TimeSpan {
  operations: number;
  failed: number;
  p50Ms: number | null;
  p95Ms: number | null;
  events: number;
  lagP95Ms: number | null;
  limited: number;
  subgraphs: { name: string; calls: number; failures: number; p95Ms: number | null }[];
}

interface LimitedCaller {
  caller: string;
  refusals: number;
}

/** What this process did over a span of time. */
export interface GatewayHistory extends TimeSpan {
  points: HistoryPoint[];
  /** Slowest first. */
  operations: OperationSums[];
  /** Those with most refusals first. */
  limited: LimitedCaller[];
  lag: HistogramBar[];
}

/** As many points at most as a chart shows well. */
const STEPS = 90;

/**
 * Adds up the minutes of a span.
 *
 * @throws CodedError BAD_USER_INPUT for a span that is none, or begins before what is kept
 */
export function readHistory(
  minutes: Minutes,
  clock: Pick<Clock, "now">,
  asked: { from: Date; to: Date | undefined },
): GatewayHistory {
  const now = clock.now();
  // A minute more, for those whose clock is behind.
  const oldest = new Date(now.getTime() - (KEPT_MINUTES + 1) * MINUTE_MS);
  if (asked.from < oldest)
    throw badInput("from", asked.from.toISOString(), `the last ${KEPT_MINUTES} minutes`);
  const span = checkedSpan({ from: asked.from, to: asked.to ?? now }, now);
  const [first, last] = [span.from, span.to].map((at) => Math.floor(at.getTime() / MINUTE_MS)) as [
    number,
    number,
  ];
  const kept = minutes.between(first, last);
  return {
    ...span,
    points: pointsOf(kept, { first, last, now }),
    operations: operationsOf(kept),
    limited: limitedOf(kept),
    lag: merged(kept.map(({ lags }) => lags)).bars(),
  };
}

function pointsOf(
  kept: readonly Minute[],
  { first, last, now }: { first: number; last: number; now: Date },
): HistoryPoint[] {
  const stepMinutes = Math.ceil((last - first + 1) / STEPS);
  const count = Math.ceil((last - first + 1) / stepMinutes);
  const byStep = Map.groupBy(kept, ({ number }) => Math.floor((number - first) / stepMinutes));
  return Array.from({ length: count }, (_, step) => {
    const from = (first + step * stepMinutes) * MINUTE_MS;
    const to = Math.min(now.getTime(), from + stepMinutes * MINUTE_MS);
    return { from: new Date(from), to: new Date(to), ...sumsOf(byStep.get(step) ?? []) };
  });
}

function sumsOf(minutes: readonly Minute[]): Omit<HistoryPoint, keyof TimeSpan> {
  const total = (of: (minute: Minute) => number) => minutes.reduce((sum, minute) => sum + of(minute), 0);
  const durations = merged(minutes.map((minute) => minute.durations));
  const names = new Set(minutes.flatMap(({ bySubgraph }) => [...bySubgraph.keys()]));
  return {
    operations: total(({ operations }) => operations),
    failed: total(({ failed }) => failed),
    p50Ms: durations.quantileMs(0.5),
    p95Ms: durations.quantileMs(0.95),
    events: total(({ events }) => events),
    lagP95Ms: merged(minutes.map(({ lags }) => lags)).quantileMs(0.95),
    limited: total(({ limited }) => [...limited.values()].reduce((sum, count) => sum + count, 0)),
    subgraphs: [...names].toSorted().map((name) => ({
      name,
      calls: total(({ bySubgraph }) => bySubgraph.get(name)?.calls ?? 0),
      failures: total(({ bySubgraph }) => bySubgraph.get(name)?.failures ?? 0),
      p95Ms: merged(minutes.flatMap(({ bySubgraph }) => bySubgraph.get(name)?.durations ?? [])).quantileMs(
        0.95,
      ),
    })),
  };
}

function operationsOf(kept: readonly Minute[]): OperationSums[] {
  const sums = new Map<string, OperationSums>();
  for (const { byOperation } of kept)
    for (const [key, minute] of byOperation) {
      const known = sums.get(key);
      sums.set(key, known ? added(known, minute) : { ...minute });
    }
  return [...sums.values()].toSorted((a, b) => b.maxMs - a.maxMs);
}

const added = (a: OperationSums, b: OperationSums): OperationSums => ({
  ...(b.maxMs > a.maxMs ? b : a),
  calls: a.calls + b.calls,
  failed: a.failed + b.failed,
  totalMs: a.totalMs + b.totalMs,
});

function limitedOf(kept: readonly Minute[]): LimitedCaller[] {
  const refusals = new Map<string, number>();
  for (const { limited } of kept)
    for (const [caller, count] of limited) refusals.set(caller, (refusals.get(caller) ?? 0) + count);
  return [...refusals]
    .map(([caller, count]) => ({ caller, refusals: count }))
    .toSorted((a, b) => b.refusals - a.refusals);
}

function merged(histograms: readonly LogHistogram[]): LogHistogram {
  const whole = new LogHistogram();
  for (const histogram of histograms) whole.merge(histogram);
  return whole;
}
