import type { Interval } from "./interval.ts";

const Z_90 = 1.645;

/** Wilson's 90 % score interval of a rate (Wilson 1927): honest with few counts and at 0 or all. */
export function wilsonInterval(hits: number, of: number): Interval {
  if (of === 0) return { low: 0, high: 1, level: 0.9 };
  const share = hits / of;
  const shrink = 1 + (Z_90 * Z_90) / of;
  const centre = (share + (Z_90 * Z_90) / (2 * of)) / shrink;
  const half = (Z_90 * Math.sqrt((share * (1 - share)) / of + (Z_90 * Z_90) / (4 * of * of))) / shrink;
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half), level: 0.9 };
}
