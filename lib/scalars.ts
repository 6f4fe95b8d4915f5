import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from "graphql";
import { roundUsd, USD_MAX } from "./usd.ts";

/** An instant as ISO-8601 text in UTC; a `Date` inside the process. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  serialize: (value) => {
    const date = value instanceof Date ? value : new Date(String(value));
    if (Number.isNaN(date.getTime())) throw new GraphQLError("DateTime cannot represent an invalid date");
    return date.toISOString();
  },
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

/** US dollars as a JSON number with at most six decimals. */
export const USD = new GraphQLScalarType<number, number>({
  name: "USD",
  serialize: (value) => roundUsd(Number(value)),
  parseValue: parseUsd,
  parseLiteral: (node) =>
    parseUsd(node.kind === Kind.INT || node.kind === Kind.FLOAT ? Number(node.value) : undefined),
});

/** Any JSON value. */
const JSONScalar = new GraphQLScalarType<unknown, unknown>({
  name: "JSON",
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

export const scalars = { DateTime, USD, JSON: JSONScalar };

const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function parseDateTime(value: unknown): Date {
  const date = typeof value === "string" && ISO_INSTANT.test(value) ? new Date(value) : undefined;
  if (date === undefined || Number.isNaN(date.getTime())) {
    throw new GraphQLError(
      `DateTime: ${JSON.stringify(value)} is not allowed; expected ISO-8601 with a zone, like 2026-01-31T08:00:00Z`,
    );
  }
  return date;
}

function parseUsd(value: unknown): number {
  if (
    typeof value !== "number" ||
    !Number.isFinite(value) ||
    Math.abs(value) > USD_MAX ||
    roundUsd(value) !== value
  ) {
    throw new GraphQLError(
      `USD: ${JSON.stringify(value)} is not allowed; expected a number with at most six decimals, up to ${USD_MAX}`,
    );
  }
  return value;
}
