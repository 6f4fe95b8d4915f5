import { LRUCache } from "lru-cache";

/** How much is remembered. */
export interface TextMemoryBounds<T> {
  /** Texts that are remembered at most; default 1,000. */
  texts?: number;
  /** Characters of all of them together; default 2,000,000. */
  chars?: number;
  /** Longer texts are looked at each time; default 20,000. */
  longestChars?: number;
  /** What a value counts for in characters; default: the length of its text. */
  charsOf?: (text: string, value: T) => number;
}

const TEXTS = 1_000;
/** A parsed document takes about 85 bytes for each of its characters, up to 200 when its names are short. */
const CHARS = 2_000_000;
const LONGEST_CHARS = 20_000;

/**
 * What was made of texts that come again and again: an `LRUCache`, which forgets what was not used for longest. Bounded by
 * their number and by their length, for a thousand of a megabyte each would be a way to fill the memory.
 *
 * @example
 * const parsed = createTextMemory<DocumentNode>({ longestChars: 100_000 });
 * const document = parsed.get(text) ?? parse(text);
 * parsed.set(text, document);
 */
export function createTextMemory<T extends {}>(bounds: TextMemoryBounds<T> = {}): LRUCache<string, T> {
  const { texts = TEXTS, chars = CHARS, longestChars = LONGEST_CHARS, charsOf } = bounds;
  return new LRUCache({
    max: texts,
    maxSize: chars,
    maxEntrySize: Math.min(longestChars, chars),
    // A text that is too long is too long even when its value counts for little; an empty one still counts.
    sizeCalculation: (value, text) =>
      Math.max(1, text.length > longestChars ? text.length : (charsOf?.(text, value) ?? text.length)),
  });
}
