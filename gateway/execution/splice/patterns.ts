import { isEnumType, isListType, isNonNullType, isObjectType, type Type } from "@apollo/federation-internals";
import type { ConditionalSet, PlannedField } from "../compile/collect-fields.ts";
import { NotCompilable } from "../compile/not-compilable.ts";
import { shapeOf, type ObjectShape } from "./object-shape.ts";

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
  ID: `(?:${STRING}|${INT})`,
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

export function fieldsPattern({ type, fields }: ObjectShape, hole?: Hole): string {
  if (fields.length === 0) throw new NotCompilable("an empty selection");
  const valueOf = (field: PlannedField) => (field.isTypename ? `"${type.name}"` : valuePattern(field, hole));
  return fields.map((field) => `${escaped(JSON.stringify(field.key))}:${valueOf(field)}`).join(",");
}

function valuePattern(field: PlannedField, hole: Hole | undefined): string {
  if (field.condition !== "") throw new NotCompilable("a condition in spliced text");
  const [first, ...rest] = hole?.path ?? [];
  const inside = hole && first === field.key ? { path: rest, pattern: hole.pattern } : undefined;
  return typePattern(field.type, field.sets, inside);
}

function typePattern(type: Type, sets: ConditionalSet[], hole?: Hole): string {
  if (isNonNullType(type)) return presentPattern(type.ofType, sets, hole);
  return `(?:null|${presentPattern(type, sets, hole)})`;
}

function presentPattern(type: Type, sets: ConditionalSet[], hole?: Hole): string {
  if (isListType(type)) {
    const inside = hole && { path: hole.path.slice(1), pattern: hole.pattern };
    const element = typePattern(type.ofType, sets, inside);
    return String.raw`\[(?:${element}(?:,${element})*)?\]`;
  }
  if (hole?.path.length === 0) return hole.pattern;
  if (isObjectType(type)) return objectPattern(shapeOf(type, sets), hole);
  if (isEnumType(type)) return `"(?:${type.values.map(({ name }) => name).join("|")})"`;
  if (sets.length > 0) throw new NotCompilable("an abstract type in spliced text");
  return leafPattern(type.toString());
}

export const leafPattern = (typeName: string): string => LEAVES[typeName] ?? SCALAR;

export const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
