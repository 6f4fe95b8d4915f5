/**
 * Money travels as a decimal string: `numeric(18,6)` for what people set, `numeric` for what was charged, to the last digit, and is added up in SQL. JavaScript only ever shows a
 * single amount or subtracts one from another, rounded to the stored precision.
 */
const MICRO = 1_000_000;

/** Largest amount that is exact to six decimals in a double: 9 billion USD. */
export const USD_MAX = 9_000_000_000;

export const roundUsd = (usd: number): number => {
  const rounded = Math.round(usd * MICRO) / MICRO;
  return rounded === 0 ? 0 : rounded;
};

/** A stored amount as a number of USD. */
export const usdFromNumeric = (numeric: string): number => Number(numeric);

/** Least amount other than 0 that a charge may be: far below the price of a token. */
export const USD_LEAST = 1e-18;

/** A charged amount as text with every digit that it has, for `numeric`; sums of these are rounded, never they themselves. */
export const usdToExactNumeric = (usd: number): string => String(usd);

/** An amount as text with six decimals, ready for `numeric(18,6)`. */
export const usdToNumeric = (usd: number): string => usd.toFixed(6);
