/** What was made of texts that come again and again. */
export interface TextMemory<T> {
  /** What is remembered of a text; it counts as used then. */
  get(text: string): T | undefined;
  set(text: string, value: T): void;
  /** The least recently used first. */
  values(): T[];
  size(): number;
  clear(): void;
}

export interface TextMemoryBounds<T> {
  /** Texts that are remembered at most. */
  texts?: number;
  /** Characters of all of them together. */
  chars?: number;
  /** Longer texts are looked at each time. */
  longestChars?: number;
  /** What a value counts for; default: the length of its text. */
  charsOf?: (text: string, value: T) => number;
}

const TEXTS = 1_000;
/** A parsed document takes about 85 bytes for each of its characters, up to 200 when its names are short. */
const CHARS = 2_000_000;
const LONGEST_CHARS = 20_000;

interface Entry<T> {
  text: string;
  value: T;
  chars: number;
}

/**
 * Remembers the texts that were used last. Bounded by their number and by their length, for a thousand of a
 * megabyte each would be a way to fill the memory.
 */
export function createTextMemory<T>(bounds: TextMemoryBounds<T> = {}): TextMemory<T> {
  const { texts = TEXTS, chars = CHARS, longestChars = LONGEST_CHARS } = bounds;
  const charsOf = bounds.charsOf ?? ((text) => text.length);
  const known = new Map<string, Entry<T>>();
  let newest: Entry<T> | undefined;
  let total = 0;

  const remove = (entry: Entry<T>) => {
    known.delete(entry.text);
    total -= entry.chars;
  };
  const append = (entry: Entry<T>) => {
    known.set(entry.text, entry);
    total += entry.chars;
    newest = entry;
  };
  const makeRoom = () => {
    for (const entry of known.values()) {
      if (known.size <= texts && total <= chars) return;
      remove(entry);
    }
  };
  return {
    get: (text) => {
      const entry = known.get(text);
      if (!entry) return undefined;
      if (entry !== newest) {
        remove(entry);
        append(entry);
      }
      return entry.value;
    },
    set: (text, value) => {
      const old = known.get(text);
      if (old) remove(old);
      const entry = { text, value, chars: charsOf(text, value) };
      if (Math.max(text.length, entry.chars) > longestChars) return;
      append(entry);
      makeRoom();
    },
    values: () => [...known.values()].map(({ value }) => value),
    size: () => known.size,
    clear: () => {
      known.clear();
      newest = undefined;
      total = 0;
    },
  };
}
