import { isEnumType, type GraphQLLeafType } from "graphql";
import { jsonText, stringText } from "./json.ts";

const INT_BOUND = 2 ** 31;

/** The text of a leaf; `isPlain` where no string needs an escape. */
export type WriteLeaf = (value: unknown, from: { isPlain: boolean }) => string | undefined;

/** The text of a value as its type wants it, as graphql-js would write it; undefined for a value that the type does not allow. */
export function leafWriter(type: GraphQLLeafType): WriteLeaf {
  if (isEnumType(type)) {
    const names = new Set(type.getValues().map(({ name }) => name));
    return (value) => (typeof value === "string" && names.has(value) ? `"${value}"` : undefined);
  }
  switch (type.name) {
    case "Int":
      return (value) => (isInt(value) ? String(value) : undefined);
    case "Float":
      return (value) => (isFinite(value) ? String(value) : undefined);
    case "Boolean":
      return (value) => (typeof value === "boolean" ? String(value) : undefined);
    case "String":
      return (value, from) => (typeof value === "string" ? textOf(value, from) : undefined);
    case "ID":
      return (value, from) => {
        if (typeof value === "string") return textOf(value, from);
        return Number.isInteger(value) || typeof value === "bigint" ? `"${String(value)}"` : undefined;
      };
    default:
      return jsonText;
  }
}

const textOf = (value: string, { isPlain }: { isPlain: boolean }): string =>
  isPlain ? `"${value}"` : stringText(value);

const isFinite = (value: unknown) =>
  typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value));

const isInt = (value: unknown) =>
  typeof value === "number" && Math.trunc(value) === value && value < INT_BOUND && value >= -INT_BOUND;
