/** What a JSON object holds. */
export type JsonObject = Record<string, unknown>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Merges what a subgraph gave into what is known, in place. What is known stays where the other has null or something of
 * another kind.
 */
export function mergeInto(target: JsonObject, source: JsonObject, rules: MergeRules = {}): void {
  for (const key of Object.keys(source)) {
    const next = source[key];
    if (next === undefined) continue;
    // A name of the language is no field of ours: reading it would give what every object inherits.
    const held = INHERITED.has(key) ? undefined : target[key];
    if (held === undefined || held === null) define(target, key, next);
    else if (typeof held === "object") mergeObjects(held, next, rules);
    else if (key !== "__typename" || typeof held !== "string" || rules.isOfType?.(next, held) !== false)
      define(target, key, next);
  }
}

/** Merges into an object or a list. */
function mergeObjects(held: object, next: unknown, rules: MergeRules): void {
  if (isJsonObject(held) && isJsonObject(next)) mergeInto(held, next, rules);
  else if (Array.isArray(held) && Array.isArray(next) && held.length === next.length)
    mergeLists(held, next, rules);
  else rules.onConflict?.(held);
}

interface MergeRules {
  /** Told of the object or list that got nothing. */
  onConflict?: (held: object) => void;
  /** Keeps the more exact one of two names of an object's type: some subgraphs know only an interface of it. */
  isOfType?: (type: unknown, other: string) => boolean;
}

/** Looked up faster than with `in`. */
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

function define(target: JsonObject, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

function mergeLists(held: unknown[], next: readonly unknown[], rules: MergeRules): void {
  for (const [index, value] of next.entries()) {
    const old = held[index];
    if (old === undefined || old === null) held[index] = value;
    else if (typeof old === "object") mergeObjects(old, value, rules);
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

/** A string as JSON text, the same bytes as `JSON.stringify`. */
export const stringText = (value: string): string =>
  PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
/** Digits of the smallest whole number that a `number` may not hold. */
const LONG_DIGITS = 16;

/** Whether a number of so many digits may stand in JSON text; one of them stands at every 16th character. */
function holdsLongNumber(text: string): boolean {
  for (let at = LONG_DIGITS - 1; at < text.length; at += LONG_DIGITS) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let first = at;
    while (isDigit(text.charCodeAt(first - 1))) first -= 1;
    let after = at + 1;
    while (isDigit(text.charCodeAt(after))) after += 1;
    if (after - first >= LONG_DIGITS) return true;
  }
  return false;
}

/**
 * What JSON text says, with whole numbers beyond 2^53 as `bigint`, so that they keep their digits.
 *
 * @throws SyntaxError when it is no JSON
 */
export const parseJson = (text: string): unknown => parseWith(text, BigInt);

/** The same for who writes JSON of it again and reads nothing: long numbers are what `JSON.stringify` takes for text of JSON. */
export const parseForText = (text: string): unknown => parseWith(text, rawJSON);

function parseWith(text: string, long: (digits: string) => unknown): unknown {
  if (!holdsLongNumber(text)) return JSON.parse(text);
  const exact = (_key: string, value: unknown, { source = "" }: { source?: string } = {}): unknown =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
      ? long(source)
      : value;
  return JSON.parse(text, exact);
}

// The language has them, and the types of its library not yet.
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON: (text: string) => unknown;
  isRawJSON: (value: unknown) => boolean;
};
export { isRawJSON };

/** A value as JSON text; a `bigint` is a number there. */
export function jsonText(value: unknown): string {
  if (typeof value === "string") return stringText(value);
  if (typeof value === "bigint") return String(value);
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, (_key, each: unknown) =>
      typeof each === "bigint" ? rawJSON(String(each)) : each,
    );
  }
}
