import { defaultFieldResolver, isObjectType, type GraphQLSchema } from "graphql";
import { badInput } from "../../lib/errors.ts";
import { isStorable } from "../../lib/storable.ts";

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

/**
 * Makes every field with arguments refuse text that no database keeps, whatever the field does with it; so no argument
 * is forgotten.
 *
 * @example schema = refuseUnstorableTexts(buildSubgraphSchema(…)); // name: "a\0b" → BAD_USER_INPUT
 */
export function refuseUnstorableTexts(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.args.length === 0) continue;
      const { resolve = defaultFieldResolver, subscribe } = field;
      field.resolve = (...call): unknown => {
        checkTexts(call[1]);
        return resolve(...call);
      };
      if (subscribe)
        field.subscribe = (...call): unknown => {
          checkTexts(call[1]);
          return subscribe(...call);
        };
    }
  }
  return schema;
}

/** @throws CodedError BAD_USER_INPUT naming the place of the first text that no database keeps */
function checkTexts(value: unknown): void {
  const found = unstorableIn(value);
  if (found) throw badInput(found.path.join("."), found.text, "text without NUL and without half characters");
}

/** Where the text is, outermost first; a list may be long, so the way to it is written down only once it is found. */
function unstorableIn(value: unknown): { path: string[]; text: string } | undefined {
  if (typeof value === "string") return isStorable(value) ? undefined : { path: [], text: value };
  if (typeof value !== "object" || value === null || value instanceof Date) return undefined;
  const names = Array.isArray(value) ? value.keys() : Object.keys(value);
  for (const name of names) {
    const found = unstorableIn((value as Readonly<Record<string | number, unknown>>)[name]);
    if (found) return { ...found, path: [String(name), ...found.path] };
  }
  return undefined;
}
