import { regularizedBeta, regularizedGamma } from "./special-functions.ts";

/** Quantiles by bisection on exact distribution functions: slower than approximations and right everywhere. */
const STEPS = 200;

/** Student's t with `df` > 0 degrees of freedom, which need not be whole. */
export function studentTQuantile(p: number, df: number): number {
  if (p < 0.5) return -studentTQuantile(1 - p, df);
  return bisect(
    (t) => studentTCdf(t, df) < p,
    doubling((t) => studentTCdf(t, df) < p),
  );
}

/** P(T <= t) of Student's t: Abramowitz & Stegun 26.7.1. */
export function studentTCdf(t: number, df: number): number {
  const tail = regularizedBeta(df / (df + t * t), df / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

/** Gamma with `shape` > 0 and scale 1. */
export function gammaQuantile(p: number, shape: number): number {
  const isBelow = (x: number) => regularizedGamma(x, shape) < p;
  return bisect(isBelow, doubling(isBelow));
}

/** P(Z <= z) of the standard normal, through the incomplete gamma function. */
export const normalCdf = (z: number): number => {
  const half = regularizedGamma((z * z) / 2, 0.5) / 2;
  return z > 0 ? 0.5 + half : 0.5 - half;
};

/** The linearly interpolated quantile of sorted values (Hyndman & Fan 1996, type 7); NaN of nothing. */
export function sampleQuantile(sorted: ArrayLike<number>, p: number): number {
  const position = (sorted.length - 1) * p;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? below;
  return below + (above - below) * (position - Math.floor(position));
}

function doubling(isBelow: (x: number) => boolean): number {
  let high = 1;
  while (isBelow(high) && high < Number.MAX_VALUE / 2) high *= 2;
  return high;
}

function bisect(isBelow: (x: number) => boolean, upper: number): number {
  let low = 0;
  let high = upper;
  for (let step = 0; step < STEPS && high - low > Number.EPSILON * high; step += 1) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
