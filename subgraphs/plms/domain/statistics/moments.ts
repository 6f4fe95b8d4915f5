/** Sufficient statistics of a sample: enough for its mean and variance, and two of them add up to one. */
export interface Moments {
  n: number;
  sum: number;
  sumOfSquares: number;
}

export const NO_MOMENTS: Moments = { n: 0, sum: 0, sumOfSquares: 0 };

export const momentsOf = (values: readonly number[]): Moments =>
  values.reduce(
    ({ n, sum, sumOfSquares }, value) => ({
      n: n + 1,
      sum: sum + value,
      sumOfSquares: sumOfSquares + value * value,
    }),
    NO_MOMENTS,
  );

export const addMoments = (a: Moments, b: Moments): Moments => ({
  n: a.n + b.n,
  sum: a.sum + b.sum,
  sumOfSquares: a.sumOfSquares + b.sumOfSquares,
});

/** 0 of nothing. */
export const meanOf = ({ n, sum }: Moments): number => (n === 0 ? 0 : sum / n);

/** Sum of squared distances from the mean, never below 0. */
export const scatterOf = ({ n, sum, sumOfSquares }: Moments): number =>
  n === 0 ? 0 : Math.max(0, sumOfSquares - (sum * sum) / n);

/** The sample variance with n - 1; 0 below two values. */
export const varianceOf = (moments: Moments): number =>
  moments.n < 2 ? 0 : scatterOf(moments) / (moments.n - 1);
