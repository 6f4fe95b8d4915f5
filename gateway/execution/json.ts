/** What a JSON object holds. */
export type JsonObject = Record<string, unknown>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Merges what a subgraph gave into what is known, in place. What is known stays where the other has null or something of
 * another kind: then `onConflict` is told of the object or list that got nothing.
 */
export function mergeInto(target: JsonObject, source: JsonObject, onConflict?: (held: object) => void): void {
  for (const key of Object.keys(source)) {
    const next = source[key];
    if (next === undefined) continue;
    // A name of the language is no field of ours: reading it would give what every object inherits.
    const held = key in EMPTY ? undefined : target[key];
    if (held === undefined || held === null) define(target, key, next);
    else if (isJsonObject(held) && isJsonObject(next)) mergeInto(held, next, onConflict);
    else if (Array.isArray(held) && Array.isArray(next) && held.length === next.length)
      mergeLists(held, next, onConflict);
    else if (typeof held === "object") onConflict?.(held);
    else define(target, key, next);
  }
}

const EMPTY = {};

function define(target: JsonObject, key: string, value: unknown): void {
  if (key in EMPTY)
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

function mergeLists(held: unknown[], next: readonly unknown[], onConflict?: (held: object) => void): void {
  for (const [index, value] of next.entries()) {
    const old = held[index];
    if (old === undefined || old === null) held[index] = value;
    else if (isJsonObject(old) && isJsonObject(value)) mergeInto(old, value, onConflict);
    else if (Array.isArray(old) && Array.isArray(value) && old.length === value.length)
      mergeLists(old, value, onConflict);
    else if (typeof old === "object") onConflict?.(old);
  }
}

/** A copy of the objects and lists of a value, for whoever is going to write into them. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isPlain(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) define(copy, key, copyOf(value[key]));
  return copy as T;
}

/** Values of custom scalars may be instances (dates, decimals); those stay whole. */
function isPlain(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Text that needs no escape in JSON: printable ASCII without quote and backslash. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
/** From this length on the native serialiser is faster than the test. */
const SHORT_CHARS = 64;

/** A string as JSON text, the same bytes as `JSON.stringify`. */
export const stringText = (value: string): string =>
  value.length < SHORT_CHARS && PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
