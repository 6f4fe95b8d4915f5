import type { Steps } from "../../../../lib/in-steps.ts";

/** What is no longer than this is read in one go by the engine's own parser: a millisecond at most. */
const PIECE_BYTES = 65_536;
const DEEPEST = 2_000;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Parses JSON of any size with a stop after every piece: what fits into a piece is left to `JSON.parse`, and only lists
 * and objects that are longer are taken apart here, so every byte is looked at about twice.
 *
 * @throws SyntaxError for anything that is not JSON in UTF-8
 */
export function* parseJsonInSteps(bytes: Buffer): Steps<unknown> {
  const scanner = new Scanner(bytes);
  const value = yield* scanner.value(0);
  scanner.skipSpace();
  if (scanner.at < bytes.length) throw scanner.unexpected();
  return value;
}

class Scanner {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  *value(depth: number): Steps<unknown> {
    this.skipSpace();
    const end = this.#endWithin(PIECE_BYTES);
    if (end !== undefined) return this.#piece(end);
    const first = this.#bytes[this.at];
    if (depth > DEEPEST) throw new SyntaxError(`JSON is nested more than ${DEEPEST} levels deep`);
    if (first === OPEN_LIST) return yield* this.#list(depth);
    if (first === OPEN_OBJECT) return yield* this.#object(depth);
    return this.#piece(this.#endWithin(Infinity) ?? this.#bytes.length);
  }

  skipSpace(): void {
    while (isSpace(this.#bytes[this.at])) this.at += 1;
  }

  unexpected(): SyntaxError {
    return new SyntaxError(`Unexpected byte in JSON at position ${this.at}`);
  }

  *#list(depth: number): Steps<unknown[]> {
    const items: unknown[] = [];
    this.at += 1;
    this.skipSpace();
    if (this.#takes(CLOSE_LIST)) return items;
    for (;;) {
      items.push(yield* this.value(depth + 1));
      yield;
      this.skipSpace();
      if (this.#takes(CLOSE_LIST)) return items;
      if (!this.#takes(COMMA)) throw this.unexpected();
    }
  }

  *#object(depth: number): Steps<Record<string, unknown>> {
    const fields: Record<string, unknown> = {};
    this.at += 1;
    this.skipSpace();
    if (this.#takes(CLOSE_OBJECT)) return fields;
    for (;;) {
      this.skipSpace();
      if (this.#bytes[this.at] !== QUOTE) throw this.unexpected();
      const name = this.#piece(this.#endWithin(Infinity) ?? this.#bytes.length) as string;
      this.skipSpace();
      if (!this.#takes(COLON)) throw this.unexpected();
      const value = yield* this.value(depth + 1);
      // As the engine's own parser does: an own field, whatever it is called.
      Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true });
      yield;
      this.skipSpace();
      if (this.#takes(CLOSE_OBJECT)) return fields;
      if (!this.#takes(COMMA)) throw this.unexpected();
    }
  }

  #takes(byte: number): boolean {
    if (this.#bytes[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }

  #piece(end: number): unknown {
    const text = this.#bytes.toString("utf8", this.at, end);
    this.at = end;
    return JSON.parse(text);
  }

  /** Where the value that begins here ends; undefined when that is further away. */
  #endWithin(limit: number): number | undefined {
    const bytes = this.#bytes;
    const last = Math.min(bytes.length, this.at + limit);
    let depth = 0;
    for (let at = this.at; at < last; at += 1) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        at = endOfText(bytes, at + 1, last);
        if (at >= last) return undefined;
        if (depth === 0) return at + 1;
      } else if (isOpening(byte)) {
        depth += 1;
      } else if (isClosing(byte)) {
        // The bracket of what is around: a number or a word ends here.
        if (depth === 0) return at;
        depth -= 1;
        if (depth === 0) return at + 1;
      } else if (depth === 0 && (byte === COMMA || isSpace(byte))) {
        return at;
      }
    }
    return last === bytes.length && depth === 0 ? last : undefined;
  }
}

const isOpening = (byte: number | undefined) => byte === OPEN_LIST || byte === OPEN_OBJECT;
const isClosing = (byte: number | undefined) => byte === CLOSE_LIST || byte === CLOSE_OBJECT;
const isSpace = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** The closing quote of a text whose inside begins at `from`. */
function endOfText(bytes: Buffer, from: number, last: number): number {
  let at = from;
  while (at < last && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
