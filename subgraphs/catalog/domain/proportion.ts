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
