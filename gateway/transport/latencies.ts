const KEPT = 256;

/** The durations of the latest calls. */
export interface Latencies {
  add(ms: number): void;
  /** Milliseconds that 95 of 100 of them did not exceed; null without any. */
  p95Ms(): number | null;
}

export function createLatencies(): Latencies {
  const ring = new Float64Array(KEPT);
  let count = 0;
  return {
    add: (ms) => {
      ring[count % KEPT] = ms;
      count += 1;
    },
    p95Ms: () => {
      const known = ring.slice(0, Math.min(count, KEPT)).sort();
      return known[Math.ceil(known.length * 0.95) - 1] ?? null;
    },
  };
}
