/** Deterministic mutations of text: the same seed gives the same sequence on every machine. */
export function createMutator(seed: number) {
  let state = seed >>> 0;
  const random = () => {
    // mulberry32: small, fast, and good enough to pick places in a text.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;

  const mutateOnce = (text: string): string => {
    const at = below(text.length + 1);
    const length = 1 + below(12);
    const piece = text.slice(at, at + length);
    return pick([
      () => text.slice(0, at) + text.slice(at + length),
      () => text.slice(0, at) + piece + piece + text.slice(at + length),
      () => text.slice(0, at) + pick(SPICE) + text.slice(at),
      () => text.slice(0, at) + String.fromCharCode(below(0xffff)) + text.slice(at + 1),
      () => text.slice(0, at),
    ])();
  };

  return {
    pick,
    /** The text with one to four mutations. */
    mutate: (text: string): string => {
      let mutated = text;
      for (let i = 1 + below(4); i > 0; i--) mutated = mutateOnce(mutated);
      return mutated;
    },
  };
}

/** What parsers and validators stumble over. */
const SPICE = [
  ...Array.from("{}()[]:!$@|&=\"'#\\,"),
  "...",
  "...on ",
  '"""',
  "\u0000",
  "\ud800",
  "\ufeff",
  " @skip(if: true)",
  " @include(if: $x)",
  "fragment a on Query { ...a } ",
  "__proto__",
  "constructor",
  "__typename",
  "null",
  "-0",
  "1e999",
  "9".repeat(40),
  "subscription ",
  "mutation ",
];
