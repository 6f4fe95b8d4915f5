/** Codes in capitals and digits, as in `LX26-SPORT`: no two of them are the same in lower case. */
const PLAIN = /^[A-Z0-9]+(?:[-_][A-Z0-9]+)*$/;

/**
 * Our id of a product that only the PLM has. Two codes are always two ids, whatever they are written with: a plain
 * code in lower case, any other one behind a `~`, which no plain code has.
 *
 * @example idOfCode("LX26-SPORT") // "lx26-sport"
 * @example idOfCode("M6.10") // "~M6.10"
 */
export const idOfCode = (code: string): string => (PLAIN.test(code) ? code.toLowerCase() : `~${code}`);

/**
 * Our id of a trim that only the PLM has. Trims of many models share codes like `LX`, so the model's id is part of it,
 * unless the code begins with the model's.
 *
 * @example idOfTrim({ id: "lx26", code: "LX26" }, "LX26-SPORT") // "lx26-sport"
 * @example idOfTrim({ id: "civic", code: "CIVIC" }, "LX") // "civic/LX"
 */
export const idOfTrim = (model: { id: string; code: string }, code: string): string =>
  PLAIN.test(code) && code.startsWith(`${model.code}-`) ? code.toLowerCase() : `${model.id}/${escaped(code)}`;

/** Our id of an option that only the PLM has, from the address that it has within its model. */
export const idOfOption = (modelId: string, address: string): string => `${modelId}/${address}`;

/** The id itself, or one with as many `~` behind it as it takes until it is free. */
export function unusedId(id: string, taken: ReadonlySet<string>): string {
  let free = id;
  while (taken.has(free)) free += "~";
  return free;
}

const MARKS: Readonly<Record<string, string>> = { "~": "~0", "/": "~1", ":": "~2" };
const MARKED = /[~/:]/;
const EVERY_MARK = /[~/:]/g;

/** A code as a step of an address: what separates steps is written otherwise (as in JSON Pointer, RFC 6901). */
export const escaped = (code: string): string =>
  MARKED.test(code) ? code.replaceAll(EVERY_MARK, (mark) => MARKS[mark] ?? mark) : code;
