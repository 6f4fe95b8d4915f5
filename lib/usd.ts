/**
 * Money travels as a decimal string: `numeric(18,6)` for what people set, `numeric` for what was charged, to the last digit, and is added up in SQL. JavaScript only ever shows a
 * single amount or subtracts one from another, rounded to the stored precision.
 */
const MICRO = 1_000_000;

/** Largest amount that is exact to six decimals in a double: 9 billion USD. */
export const USD_MAX = 9_000_000_000;

/** A number of USD to the millionth, never -0. */
export const roundUsd = (usd: number): number => {
  const rounded = Math.round(usd * MICRO) / MICRO;
  return rounded === 0 ? 0 : rounded;
};

/** A stored amount as a number of USD. */
export const usdFromNumeric = (numeric: string): number => Number(numeric);

/** Least amount other than 0 that a charge may be: far below the price of a token. */
export const USD_LEAST = 1e-18;

/** `a - b` of two amounts as decimal text, to the last digit of both. */
export function differenceOf(a: string, b: string): string {
  const decimals = Math.max(decimalsOf(a), decimalsOf(b));
  const difference = unitsOf(a, decimals) - unitsOf(b, decimals);
  const digits = String(difference < 0n ? -difference : difference).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const rest = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${difference < 0n ? "-" : ""}${whole}${rest === "" ? "" : `.${rest}`}`;
}

const decimalsOf = (text: string): number => text.split(".")[1]?.length ?? 0;

const unitsOf = (text: string, decimals: number): bigint => {
  const [whole = "0", rest = ""] = text.split(".");
  return BigInt(whole + rest.padEnd(decimals, "0"));
};

/** An amount as text with six decimals, ready for `numeric(18,6)`. */
export const usdToNumeric = (usd: number): string => usd.toFixed(6);
