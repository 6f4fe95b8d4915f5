/**
 * Money travels as a decimal string (`numeric(18,6)`) and is added up in SQL. JavaScript only ever shows a
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

/** An amount as text with six decimals, ready for `numeric(18,6)`. */
export const usdToNumeric = (usd: number): string => usd.toFixed(6);
