import { interval, UPPER_TAIL, type Interval } from "./statistics/interval.ts";
import { studentTQuantile } from "./statistics/quantiles.ts";

/**
 * A normal quantity whose mean and variance are both learnt: the normal-inverse-gamma conjugate (Murphy 2007),
 * with power discounting (West & Harrison 1997) so that the past fades by 1 - alpha per observation. `kappa`
 * and `a` rest at 1/alpha and 1/(2 alpha), which makes the gain exactly alpha for ever: the mean is the
 * exponential smoothing of the observations.
 */
export interface Belief {
  mu: number;
  kappa: number;
  a: number;
  b: number;
}

/** Weight of the newest observation unless the configuration says otherwise. */
export const DEFAULT_ALPHA = 0.3;

/** Further than this many predictive scales from the mean, an observation counts as if it were just there. */
const WINSOR_SCALES = 4;

/** A belief before the first observation, whose next value has this mean and predictive scale. */
export function beliefWithScale(mean: number, scale: number, alpha = DEFAULT_ALPHA): Belief {
  const kappa = 1 / alpha;
  const a = kappa / 2;
  return { mu: mean, kappa, a, b: (scale * scale * a) / (1 + 1 / kappa) };
}

/** A belief before the first observation, about values that vary by this much around an unknown mean. */
export function beliefWithVariance(mean: number, variance: number, alpha = DEFAULT_ALPHA): Belief {
  const kappa = 1 / alpha;
  return { mu: mean, kappa, a: kappa / 2, b: (variance * kappa) / 2 };
}

export function observe({ mu, kappa, a, b }: Belief, y: number, alpha = DEFAULT_ALPHA): Belief {
  const kept = (1 - alpha) * kappa;
  const weight = kept + 1;
  return {
    mu: mu + (y - mu) / weight,
    kappa: weight,
    a: (1 - alpha) * a + 0.5,
    b: (1 - alpha) * b + 0.5 * (kept / weight) * (y - mu) ** 2,
  };
}

/** The scale of the Student t, with 2a degrees of freedom, that the next value is expected to follow. */
export const predictiveScale = ({ kappa, a, b }: Belief): number => Math.sqrt((b / a) * (1 + 1 / kappa));

/** Where 90 % of next values are expected. */
export function predictiveInterval(belief: Belief): Interval {
  const half = studentTQuantile(UPPER_TAIL, 2 * belief.a) * predictiveScale(belief);
  return interval(belief.mu - half, belief.mu + half);
}

/** The value, pulled in to where an outlier does no more harm. */
export function winsorized(belief: Belief, y: number): { value: number; isOutlier: boolean } {
  const reach = WINSOR_SCALES * predictiveScale(belief);
  const value = Math.min(belief.mu + reach, Math.max(belief.mu - reach, y));
  return { value, isOutlier: value !== y };
}

/** Share of the factory's word in the mean after so many observations, 0-1. */
export const factoryWeight = (observations: number, alpha = DEFAULT_ALPHA): number =>
  (1 - alpha) ** observations;
