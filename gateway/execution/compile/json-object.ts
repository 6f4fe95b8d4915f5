/** What a JSON object holds. */
export type JsonObject = Record<string, unknown>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Merges an answer into what is known, in place, like Apollo's executor does. False when the two do not
 * fit together; the target is then half merged and of no more use.
 */
export function mergeInto(target: JsonObject, source: JsonObject): boolean {
  for (const key of Object.keys(source)) {
    if (key === "__proto__") return false;
    const next = source[key];
    const held = target[key];
    if (next === undefined) continue;
    if (isJsonObject(next) && held) {
      if (!isJsonObject(held) || !mergeInto(held, next)) return false;
    } else if (Array.isArray(next) && Array.isArray(held) && next.length === held.length) {
      if (!mergeLists(held, next)) return false;
    } else {
      target[key] = next;
    }
  }
  return true;
}

function mergeLists(held: unknown[], next: readonly unknown[]): boolean {
  for (const [index, value] of next.entries()) {
    const old = held[index];
    if (!isJsonObject(old) || !isJsonObject(value)) held[index] = value;
    else if (!mergeInto(old, value)) return false;
  }
  return true;
}

/** A copy of the objects and lists of a value, for whoever is going to write into them. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isPlain(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) copy[key] = copyOf(value[key]);
  return copy as T;
}

/** Values of custom scalars may be instances (dates, decimals); those stay whole. */
function isPlain(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
