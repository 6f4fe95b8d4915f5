const UNSTORABLE = /[\0\p{Cs}]/gu;

/** A JSON value as PostgreSQL can keep it: what no text column holds, NUL and halves of surrogate pairs, becomes U+FFFD. */
export function storable<T>(value: T): T {
  if (typeof value === "string") return value.replaceAll(UNSTORABLE, "\u{fffd}") as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), storable(item)])) as T;
}
