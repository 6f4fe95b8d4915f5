import { quantileMs, shareBounds } from "./measures.ts";
import type { DataSource, FallbackReason } from "../../products/domain/provenance.ts";
import type { PlmMode } from "../../products/domain/modes.ts";

/** Sums over a span of time, as they were counted. */
export interface CountedTotal {
  metric: string;
  label: string;
  count: number;
}

/** How the PLM did over a span of time. */
export interface PlmStatistics {
  calls: number;
  failures: number;
  authFailures: number;
  /** 0-1; null without calls. */
  errorRate: number | null;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
  reads: number;
  /** Readings by the source that answered. */
  readsBySource: Readonly<Record<string, number>>;
  /** Readings that something stood in for the PLM, by what and why; the most frequent ones first. */
  fallbackReads: readonly FallbackReads[];
  /** Share of the readings that asked for the PLM and had it from the fresh cache, 0-1; null without readings. */
  hitRatio: number | null;
  /** Share of them that something stood in for, 0-1; null without readings. */
  fallbackRate: number | null;
  comparisons: number;
  differentComparisons: number;
  /** 0-1; null without comparisons. */
  diffRate: number | null;
  /** What the rate is at least and at most, each at 95 % confidence. */
  diffRateBounds: { low: number; high: number };
  /** What people reported. */
  issues: number;
  orders: OrderAttempts;
}

interface FallbackReads {
  source: DataSource;
  reason: FallbackReason;
  reads: number;
}

/** Work orders that people wanted to create, and those of them that were refused. */
export interface OrderAttempts {
  wanted: number;
  refused: number;
}

/** Adds up what was counted. */
export function statisticsOf(totals: readonly CountedTotal[]): PlmStatistics {
  const of = (metric: string, isCounted: (label: string) => boolean = () => true) =>
    totals
      .filter((total) => total.metric === metric && isCounted(total.label))
      .reduce((sum, { count }) => sum + count, 0);
  const latencies = new Map(
    totals.filter(({ metric }) => metric === "latency").map(({ label, count }) => [Number(label), count]),
  );
  const calls = of("call");
  const failures = of("call", (label) => label !== "OK");
  const readsOf = (pattern: RegExp) => of("read", (label) => pattern.test(label));
  const plmReads = of("read") - readsOf(/DISABLED|SHADOW/);
  const comparisons = of("comparison", (label) => label === "SAME" || label === "DIFFERENT");
  const different = of("comparison", (label) => label === "DIFFERENT");
  return {
    calls,
    failures,
    authFailures: of("call", (label) => label === "AUTH_FAILED"),
    errorRate: share(failures, calls),
    p50Ms: quantileMs(latencies, 0.5),
    p95Ms: quantileMs(latencies, 0.95),
    p99Ms: quantileMs(latencies, 0.99),
    reads: of("read"),
    readsBySource: Object.fromEntries(
      ["PLM", "PLM_CACHE", "PLM_STALE", "MRP"].map((source) => [
        source,
        readsOf(new RegExp(`^${source}( |$)`)),
      ]),
    ),
    fallbackReads: fallbackReadsOf(totals),
    hitRatio: share(readsOf(/^PLM_CACHE( |$)/), plmReads),
    fallbackRate: share(plmReads - readsOf(/^PLM(_CACHE)?( |$)/), plmReads),
    comparisons,
    differentComparisons: different,
    diffRate: share(different, comparisons),
    diffRateBounds: shareBounds(different, comparisons),
    issues: of("issue"),
    orders: { wanted: of("order"), refused: of("order", (label) => label !== "OK") },
  };
}

/** Readings are counted as `SOURCE REASON` where something stood in; what we decided ourselves is no fallback. */
function fallbackReadsOf(totals: readonly CountedTotal[]): FallbackReads[] {
  const byLabel = Map.groupBy(
    totals.filter(({ metric, label }) => metric === "read" && / (?!DISABLED|SHADOW)/.test(label)),
    ({ label }) => label,
  );
  const reads = Array.from(byLabel, ([label, counted]) => {
    // Written by the reading itself, from the same two types.
    const [source, reason] = label.split(" ") as [DataSource, FallbackReason];
    return { source, reason, reads: counted.reduce((sum, { count }) => sum + count, 0) };
  });
  return reads.toSorted((a, b) => b.reads - a.reads);
}

const LEAST_WANTED = 20;
const LEAST_REFUSED = 3;
const LEAST_USUAL = 100;
/** Where nothing went wrong before, three times as much would be nothing. */
const USUAL_AT_LEAST = 0.01;

/** By which factor more orders are refused than usual; 0 while there is too little to judge by. */
export function refusalFactor(now: OrderAttempts, usual: OrderAttempts): number {
  if (now.wanted < LEAST_WANTED || now.refused < LEAST_REFUSED || usual.wanted < LEAST_USUAL) return 0;
  const usuallyRefused = Math.max(usual.refused, usual.wanted * USUAL_AT_LEAST);
  return (now.refused * usual.wanted) / (now.wanted * usuallyRefused);
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export type HealthStatus = "HEALTHY" | "DEGRADED" | "DOWN" | "DISABLED";

const DEGRADED_ERROR_RATE = 0.01;
const DEGRADED_P95_MS = 500;

/** The state of the PLM in one word. */
export function healthStatus(
  mode: PlmMode,
  circuit: "CLOSED" | "OPEN" | "HALF_OPEN" | "ISOLATED",
  { errorRate, p95Ms }: Pick<PlmStatistics, "errorRate" | "p95Ms">,
): HealthStatus {
  if (mode === "DISABLED") return "DISABLED";
  if (circuit !== "CLOSED" || errorRate === 1) return "DOWN";
  return (errorRate ?? 0) > DEGRADED_ERROR_RATE || (p95Ms ?? 0) > DEGRADED_P95_MS ? "DEGRADED" : "HEALTHY";
}
