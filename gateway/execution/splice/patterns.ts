import { isEnumType, isListType, isNonNullType, isObjectType, type GraphQLOutputType } from "graphql";
import type { SelectedField } from "../selections.ts";
import { NotSpliceable, shapeOf, type ObjectShape } from "./object-shape.ts";

/*
 * The text of an answer to a selection of known depth is a regular language. These patterns accept it only
 * in the exact form that the reference serialiser writes, and only values that need no second look.
 */
const STRING = String.raw`"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"`;
const INT = String.raw`(?:0|-?[1-9]\d{0,8})`;
const FLOAT = String.raw`(?:0|-?[1-9]\d{0,14}|-?(?:0|[1-9]\d{0,14})\.\d{0,15}[1-9])`;
const LEAVES: Readonly<Record<string, string>> = {
  Int: INT,
  Float: FLOAT,
  Boolean: "(?:true|false)",
  String: STRING,
  // A number goes out as a string, so its text cannot be copied.
  ID: STRING,
};
/** Custom scalars may be anything; these are the ones that can be told by a pattern. */
const SCALAR = `(?:${STRING}|${FLOAT}|true|false)`;

/** Replaces the pattern of one place in the answer. */
export interface Hole {
  /** Response names from the root, `@` for the elements of a list. */
  path: readonly string[];
  pattern: string;
}

/** A JSON object with exactly the fields of its shape, in their order. */
export const objectPattern = (shape: ObjectShape, hole?: Hole): string =>
  String.raw`\{${fieldsPattern(shape, hole)}\}`;

export const fieldsPattern = (shape: ObjectShape, hole?: Hole): string =>
  fieldPatterns(shape, hole)
    .map(({ name, value }) => name + value)
    .join(",");

/** A pattern for the name of each field with its colon, and one for its value. */
export function fieldPatterns(shape: ObjectShape, hole?: Hole) {
  const { type, fields } = shape;
  if (fields.length === 0) throw new NotSpliceable("an empty selection");
  return fields.map((field) => ({
    key: field.key,
    name: `${escaped(JSON.stringify(field.key))}:`,
    value: field.isTypename ? `"${type.name}"` : valuePattern(shape, field, hole),
  }));
}

function valuePattern(shape: ObjectShape, field: SelectedField, hole: Hole | undefined): string {
  const [first, ...rest] = hole?.path ?? [];
  const inside = hole && first === field.key ? { path: rest, pattern: hole.pattern } : undefined;
  const typePattern = (type: GraphQLOutputType, own?: Hole): string =>
    isNonNullType(type) ? presentPattern(type.ofType, own) : `(?:null|${presentPattern(type, own)})`;
  const presentPattern = (type: GraphQLOutputType, own?: Hole): string => {
    if (isListType(type)) {
      const element = typePattern(type.ofType, own && { path: own.path.slice(1), pattern: own.pattern });
      return String.raw`\[(?:${element}(?:,${element})*)?\]`;
    }
    if (own?.path.length === 0) return own.pattern;
    if (isObjectType(type)) return objectPattern(shapeOf(type, field.sets, shape.scope), own);
    if (isEnumType(type))
      return `"(?:${type
        .getValues()
        .map(({ name }) => name)
        .join("|")})"`;
    if (field.sets.length > 0) throw new NotSpliceable("an abstract type");
    return leafPattern(type.toString());
  };
  return typePattern(field.type, inside);
}

export const leafPattern = (typeName: string): string => LEAVES[typeName] ?? SCALAR;

export const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
