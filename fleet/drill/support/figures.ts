/** Median, 95th and 99th percentile and maximum, by nearest rank. */
export function percentiles(values: readonly number[]): {
  p50: number;
  p95: number;
  p99: number;
  max: number;
} {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}

/** The percentiles in words. */
export function summary(values: readonly number[]): string {
  const { p50, p95, max } = percentiles(values);
  return `median ${Math.round(p50)}, P95 ${Math.round(p95)}, most ${Math.round(max)} (${values.length})`;
}
