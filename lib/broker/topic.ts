import { badInput } from "../errors.ts";

/** What stands for no value at all, and for a text without a character. */
const NOTHING = "-";
const EMPTY = "%";

/**
 * A value as one part of a topic: letters, digits, `_` and `-` stay, every other byte becomes `%XX`. No two values have the same
 * part, and none is a wildcard or more than one part.
 *
 * @throws CodedError BAD_USER_INPUT for what is no single value
 */
export function topicPart(value: unknown, name = "value"): string {
  if (value === undefined || value === null) return NOTHING;
  if (value === "") return EMPTY;
  if (value === NOTHING) return "%2D";
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
    throw badInput(name, value, "text, a number or a truth value, as a part of a topic");
  return [...Buffer.from(String(value))].map(written).join("");
}

function written(byte: number): string {
  const character = String.fromCodePoint(byte);
  if (byte < 128 && /[\w-]/.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
