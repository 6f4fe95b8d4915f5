import type { MetricPrior } from "./prior.ts";
import { meanOf, momentsOf, varianceOf } from "./statistics/moments.ts";

/** What to expect of a provider in a lane when its few runs are weighed against all runs of the lane. */
export interface PooledRatio {
  /** Of ln(actual / estimate). */
  mu: number;
  /** Share of the lane's word in it, 0-1. */
  laneShare: number;
}

/** Smoothed means remember about this many runs: (2 - alpha) / alpha. */
const memoryOf = (alpha: number): number => (2 - alpha) / alpha;

/**
 * Empirical Bayes in the manner of James & Stein (1961): `mu = B mu_lane + (1 - B) mu_own` with
 * `B = (s^2 / n) / (s^2 / n + tau^2)`, where s^2 is how much runs differ, n the runs that the mean remembers, and
 * tau^2 how much the lane's providers differ beyond that (method of moments, at least 0: providers that differ by
 * chance alone are taken for equal).
 */
export function pooledRatio(
  own: MetricPrior,
  { lane, providers }: { lane: MetricPrior; providers: readonly MetricPrior[] },
): PooledRatio {
  const known = providers.filter(({ residuals }) => residuals.length > 0);
  if (own.residuals.length === 0) return { mu: lane.ratio.mu, laneShare: 1 };
  if (known.length < 2) return { mu: own.ratio.mu, laneShare: 0 };
  const between = varianceOf(momentsOf(known.map(({ ratio }) => ratio.mu)));
  const byChance = meanOf(momentsOf(known.map(errorVariance)));
  const tauSquared = Math.max(0, between - byChance);
  const laneShare = errorVariance(own) / (errorVariance(own) + tauSquared);
  return { mu: laneShare * lane.ratio.mu + (1 - laneShare) * own.ratio.mu, laneShare };
}

/** How far the smoothed mean of a provider is off by chance, squared. */
function errorVariance({ ratio, residuals }: MetricPrior): number {
  const runs = Math.min(residuals.length, memoryOf(1 / ratio.kappa));
  return ratio.b / ratio.a / runs;
}
