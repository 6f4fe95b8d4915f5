import type { Steps } from "./in-steps.ts";

/** JSON that is the same text for equal values: object keys sorted, `undefined` left out. */
export const canonicalJson = (value: unknown): string => new Writer(value).write(Infinity);

/** Characters of a piece: a millisecond or two. */
const PIECE_CHARACTERS = 131_072;

/**
 * The same text in pieces, for values that are too large to be written in one go; joined, they are `canonicalJson`.
 *
 * @example for (const piece of canonicalPieces(catalogue)) hash.update(piece);
 */
export function* canonicalPieces(value: unknown): Generator<string, void, undefined> {
  const writer = new Writer(value);
  do yield writer.write(PIECE_CHARACTERS);
  while (!writer.isDone);
}

/** The whole text, written with stops. */
export function* writeCanonicalJson(value: unknown): Steps<string> {
  let text = "";
  for (const piece of canonicalPieces(value)) {
    text += piece;
    yield;
  }
  return text;
}

/** A list or an object that is not written to its end. */
interface Open {
  items: readonly unknown[];
  /** Of an object, in their order. */
  names: readonly string[] | undefined;
  /** Of the next item. */
  at: number;
}

/** Writes a value, and may stop anywhere within: a generator for every object would cost several times as much. */
class Writer {
  readonly #open: Open[] = [];
  #text = "";

  constructor(value: unknown) {
    this.#begin(value);
  }

  get isDone(): boolean {
    return this.#open.length === 0 && this.#text === "";
  }

  /** So many characters, or a few more; all that are left when there are fewer. */
  write(characters: number): string {
    let open = this.#open.at(-1);
    while (open && this.#text.length < characters) {
      this.#next(open);
      open = this.#open.at(-1);
    }
    const text = this.#text;
    this.#text = "";
    return text;
  }

  #next(open: Open): void {
    const { items, names, at } = open;
    if (at === items.length) {
      this.#open.pop();
      this.#text += names ? "}" : "]";
      return;
    }
    open.at = at + 1;
    if (at > 0) this.#text += ",";
    if (names) this.#text += `${JSON.stringify(names[at])}:`;
    this.#begin(items[at]);
  }

  #begin(value: unknown): void {
    if (typeof value !== "object" || value === null || value instanceof Date) {
      // What is nothing in a list is null, as JSON.stringify has it.
      this.#text += JSON.stringify(value) ?? "null";
    } else if (isInOrder(value) || isFlatList(value)) {
      this.#text += JSON.stringify(value);
    } else if (Array.isArray(value)) {
      this.#text += "[";
      this.#open.push({ items: value, names: undefined, at: 0 });
    } else {
      const fields = value as Readonly<Record<string, unknown>>;
      const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
      names.sort();
      this.#text += "{";
      this.#open.push({ items: names.map((name) => fields[name]), names, at: 0 });
    }
  }
}

/** Values of an object that are looked at before it is written in one go. */
const VALUES_IN_ONE_GO = 200;

/** True for a small value that the engine's own writer would write the same: several times faster than we can. */
const isInOrder = (value: object): boolean => valuesInOrder(value, VALUES_IN_ONE_GO) >= 0;

/** Long lists of ids or names are written in one go, too: a million of them take a few milliseconds. */
const isFlatList = (value: object): boolean =>
  Array.isArray(value) && value.every((item) => typeof item !== "object" || item === null);

/** How many values may still be looked at after this one; below 0 when they are too many or out of order. */
function valuesInOrder(value: object, allowed: number): number {
  let left = allowed;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) {
      left = typeof item === "object" && item !== null ? valuesInOrder(item, left - 1) : left - 1;
      if (left < 0) return -1;
    }
    return left;
  }
  let before = "";
  for (const name in value) {
    const field = (value as Readonly<Record<string, unknown>>)[name];
    if (name < before || field === undefined) return -1;
    before = name;
    left = typeof field === "object" && field !== null ? valuesInOrder(field, left - 1) : left - 1;
    if (left < 0) return -1;
  }
  return left;
}
