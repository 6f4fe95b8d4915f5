/** A lognormal by the mean and variance of its logarithm. */
export interface Lognormal {
  mu: number;
  variance: number;
}

/** The lognormal with this mean (above 0) and variance: Fenton 1960, the usual stand-in for sums of lognormals. */
export function lognormalWith({ mean, variance }: { mean: number; variance: number }): Lognormal {
  const ofLog = Math.log1p(variance / (mean * mean));
  return { mu: Math.log(mean) - ofLog / 2, variance: ofLog };
}

/** The variance of the logarithm at a coefficient of variation. */
export const logVarianceOf = (cv: number): number => Math.log1p(cv * cv);

/** The coefficient of variation at a variance of the logarithm. */
export const cvOf = (logVariance: number): number => Math.sqrt(Math.expm1(logVariance));
