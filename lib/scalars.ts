import { GraphQLError, GraphQLScalarType, Kind, print, valueFromASTUntyped, type ValueNode } from "graphql";
import { isDay } from "./day.ts";
import { roundUsd, USD_MAX } from "./usd.ts";

/** An instant as ISO-8601 text in UTC; a `Date` inside the process. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  serialize: (value) => {
    const date = value instanceof Date ? value : new Date(String(value));
    if (Number.isNaN(date.getTime())) throw new GraphQLError("DateTime cannot represent an invalid date");
    return date.toISOString();
  },
  parseValue: (value) => asDateTime(value) ?? refuse("DateTime", { value }),
  parseLiteral: (node) =>
    asDateTime(node.kind === Kind.STRING ? node.value : undefined) ?? refuse("DateTime", node),
});

/** US dollars as a JSON number with at most six decimals. */
export const USD = new GraphQLScalarType<number, number>({
  name: "USD",
  serialize: (value) => roundUsd(Number(value)),
  parseValue: (value) => asUsd(value) ?? refuse("USD", { value }),
  parseLiteral: (node) =>
    asUsd(node.kind === Kind.INT || node.kind === Kind.FLOAT ? Number(node.value) : undefined) ??
    refuse("USD", node),
});

/** Any JSON value; what comes from outside must not be nested deeper than `DEEPEST_JSON`. */
const JSONScalar = new GraphQLScalarType<unknown, unknown>({
  name: "JSON",
  serialize: (value) => value,
  parseValue: shallow,
  parseLiteral: (node, variables) => shallow(valueFromASTUntyped(node, variables)),
});

/** Resolvers of our scalars: `DateTime` in ISO 8601 UTC, `USD` as a number, `JSON` up to a depth of 32. */
export const scalars = { DateTime, USD, JSON: JSONScalar };

const DEEPEST_JSON = 32;

/** Everything that looks at nested values later does so by recursion, which too deep ones would exhaust. */
function shallow(value: unknown): unknown {
  let containers = [value].filter(isContainer);
  for (let depth = 1; containers.length > 0; depth += 1) {
    if (depth > DEEPEST_JSON) {
      throw new GraphQLError(
        `JSON: this value is nested too deeply; expected at most ${DEEPEST_JSON} levels`,
      );
    }
    containers = containers.flatMap((container) => Object.values(container)).filter(isContainer);
  }
  return value;
}

const isContainer = (value: unknown): value is object => typeof value === "object" && value !== null;

const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const ALLOWED = {
  DateTime: "ISO-8601 with a zone, like 2026-01-31T08:00:00Z",
  USD: `a number with at most six decimals, up to ${USD_MAX}`,
} as const;

function asDateTime(value: unknown): Date | undefined {
  const isInstant = typeof value === "string" && ISO_INSTANT.test(value) && isDay(value.slice(0, 10));
  const date = isInstant ? new Date(value) : undefined;
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

function asUsd(value: unknown): number | undefined {
  const isAmount = typeof value === "number" && Math.abs(value) <= USD_MAX && roundUsd(value) === value;
  return isAmount ? value : undefined;
}

/** Says what was written, and where when it stands in the document. */
function refuse(scalar: keyof typeof ALLOWED, written: { value: unknown } | ValueNode): never {
  const isNode = "kind" in written;
  const shown = isNode ? print(written) : JSON.stringify(written.value);
  const nodes = isNode ? written : null;
  throw new GraphQLError(`${scalar}: ${shown} is not allowed; expected ${ALLOWED[scalar]}`, { nodes });
}
