import { badInput } from "./errors.ts";

/** Control characters, and halves of surrogate pairs, which no database keeps. */
const UNWANTED = /[\p{Cc}\p{Cs}]/u;
const LINE_BREAKS_AND_TABS = /[\n\t]/g;

/**
 * Text of 1 to `max` characters that are not all blank, without control characters.
 *
 * @param options `isProse`: line breaks and tabs are fine
 * @throws CodedError BAD_USER_INPUT
 */
export function checkedText(
  field: string,
  value: string,
  { max, isProse = false }: { max: number; isProse?: boolean },
): string {
  const read = isProse ? value.replaceAll(LINE_BREAKS_AND_TABS, " ") : value;
  if (value.length <= max && value.trim() !== "" && !UNWANTED.test(read)) return value;
  throw badInput(field, value, `1-${max} characters without control characters`);
}

/**
 * A number in a closed range; infinities and what is not a number are in none.
 *
 * @throws CodedError BAD_USER_INPUT
 */
export function checkedNumber(
  field: string,
  value: number,
  [least, most]: readonly [least: number, most: number],
): number {
  if (value >= least && value <= most && Number.isFinite(value)) return value;
  throw badInput(field, value, `a number from ${least} to ${most}`);
}

/** @throws CodedError BAD_USER_INPUT */
export function checkedList<T>(field: string, items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  throw badInput(field, `${items.length} items`, `at most ${most} items`);
}
