import { buildSchema, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { DateTime, scalars, USD } from "../../lib/scalars.ts";

describe("USD", () => {
  test("is a number with at most six decimals", () => {
    expect(USD.serialize("0.1234567")).toBe(0.123457);
    expect(USD.serialize(-0.0000001)).toBe(0);
    expect(USD.parseValue(12.5)).toBe(12.5);
  });

  test.each([0.0000001, Number.NaN, Number.POSITIVE_INFINITY, "1", 1e10])("refuses %s", (value) => {
    expect(() => USD.parseValue(value)).toThrow(/USD: .* is not allowed/);
  });
});

describe("DateTime", () => {
  test("reads any zone and writes UTC", () => {
    expect(DateTime.serialize(DateTime.parseValue("2026-01-31T09:00:00+01:00"))).toBe(
      "2026-01-31T08:00:00.000Z",
    );
  });

  test.each([
    "2026-01-31",
    "2026-01-31T09:00:00",
    "2026-02-30T09:00:00Z",
    "2026-13-31T09:00:00Z",
    "yesterday",
    5,
  ])("refuses %s", (value) => {
    expect(() => DateTime.parseValue(value)).toThrow(/DateTime: .* is not allowed/);
  });
});

describe("JSON", () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));

  test("takes 32 levels and refuses more, however many", () => {
    expect(scalars.JSON.parseValue(nested(32))).toEqual(nested(32));
    expect(() => scalars.JSON.parseValue(nested(33))).toThrow(/at most 32 levels/);
    expect(() => scalars.JSON.parseValue(nested(100_000))).toThrow(/at most 32 levels/);
  });
});

test.each([
  ["usd: 0.0000001", "USD: 0.0000001 is not allowed"],
  ['usd: "1"', 'USD: "1" is not allowed'],
  ["usd: 1e999", "USD: 1e999 is not allowed"],
  ['at: "yesterday"', 'DateTime: "yesterday" is not allowed'],
])("what a document says wrongly is shown as it is written, with its place: %s", (argument, message) => {
  const schema = buildSchema("scalar USD scalar DateTime type Query { f(usd: USD, at: DateTime): Int }");
  Object.assign(schema.getType("USD") ?? {}, { parseLiteral: USD.parseLiteral });
  Object.assign(schema.getType("DateTime") ?? {}, { parseLiteral: DateTime.parseLiteral });
  const [error] = validate(schema, parse(`{ f(${argument}) }`));
  expect(error).toMatchObject({ message: expect.stringContaining(message), locations: [{ line: 1 }] });
});
