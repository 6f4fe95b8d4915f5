import { isEnumType, type GraphQLLeafType } from "graphql";
import { jsonText, stringText } from "./json.ts";

const INT_BOUND = 2 ** 31;

/** The text of a value as its type wants it, as graphql-js would write it; undefined for a value that the type does not allow. */
export function leafWriter(type: GraphQLLeafType): (value: unknown) => string | undefined {
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
      return (value) => (typeof value === "string" ? stringText(value) : undefined);
    case "ID":
      return (value) => {
        if (typeof value === "string") return stringText(value);
        return Number.isInteger(value) || typeof value === "bigint" ? `"${String(value)}"` : undefined;
      };
    default:
      return jsonText;
  }
}

const isFinite = (value: unknown) =>
  typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value));

const isInt = (value: unknown) =>
  typeof value === "number" && Math.trunc(value) === value && value < INT_BOUND && value >= -INT_BOUND;
