const NUMERIC = /^\d{1,19}(?:\.\d{1,19})*$/;
/** What fits into a header, a line of an event stream and a URL without quoting. */
const PLAIN = /^[\x21-\x7e]{1,128}$/;

/** Whether a version or a client's last id can serve as an event id. */
export const isEventId = (value: unknown): value is string => typeof value === "string" && PLAIN.test(value);

/**
 * Negative, zero or positive as `a` is older than, equal to or newer than `b`; undefined when they do not
 * tell. Versions made of numbers and dots have an order; all others can only be equal.
 *
 * @example compareEventIds("12.9", "12.10") // -1
 */
export function compareEventIds(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!NUMERIC.test(a) || !NUMERIC.test(b)) return undefined;
  const [left, right] = [a.split(".").map(BigInt), b.split(".").map(BigInt)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [l, r] = [left[index] ?? -1n, right[index] ?? -1n];
    if (l !== r) return l < r ? -1 : 1;
  }
  return 0;
}
