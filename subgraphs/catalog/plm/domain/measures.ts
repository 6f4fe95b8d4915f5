/** Durations by size: each bucket is an eighth of a doubling wide, so a quantile is off by 9 % at most. */
const BUCKETS_PER_DOUBLING = 8;

/** The bucket of a duration; everything below 1 ms is bucket 0. */
export const bucketOf = (durationMs: number): number =>
  durationMs <= 1 ? 0 : Math.ceil(Math.log2(durationMs) * BUCKETS_PER_DOUBLING);

/** The longest duration of a bucket, in milliseconds. */
export const upperEdgeMs = (bucket: number): number => 2 ** (bucket / BUCKETS_PER_DOUBLING);

/** The duration in milliseconds that a share of the calls did not exceed; null without calls. */
export function quantileMs(counts: ReadonlyMap<number, number>, share: number): number | null {
  const buckets = [...counts].toSorted(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [bucket, count] of buckets) {
    seen += count;
    if (seen >= share * total) return upperEdgeMs(bucket);
  }
  return null;
}

/** Standard normal quantile for one-sided bounds at 95 %. */
const Z_95 = 1.6449;

/** Bounds of a share that `hits` of `count` trials suggest (Wilson's score interval, each bound at 95 %). */
export function shareBounds(hits: number, count: number): { low: number; high: number } {
  if (count === 0) return { low: 0, high: 1 };
  const share = hits / count;
  const z2 = Z_95 * Z_95;
  const center = share + z2 / (2 * count);
  const spread = Z_95 * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count));
  const scale = 1 + z2 / count;
  return { low: Math.max(0, (center - spread) / scale), high: Math.min(1, (center + spread) / scale) };
}
