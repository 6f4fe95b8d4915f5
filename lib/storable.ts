/** NUL, and halves of surrogate pairs: no text column of PostgreSQL takes them. */
const UNSTORABLE = /[\0\p{Cs}]/u;
const EACH_UNSTORABLE = new RegExp(UNSTORABLE, "gu");

/**
 * True for text that a text column can hold; other text is in no column, so there is no need to ask the database for it.
 *
 * @example isStorable("Lyse 21"); // true; false for "a\0b" and for "\ud800"
 */
export const isStorable = (text: string): boolean => !UNSTORABLE.test(text);

/** A JSON value as PostgreSQL can keep it: whatever no text column holds becomes U+FFFD, in keys too. */
export function storable<T>(value: T): T {
  if (typeof value === "string") return value.replaceAll(EACH_UNSTORABLE, "\u{fffd}") as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), storable(item)])) as T;
}
