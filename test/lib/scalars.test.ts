import { describe, expect, it } from "vitest";
import { DateTime, USD } from "../../lib/scalars.ts";

describe("USD", () => {
  it("is a number with at most six decimals", () => {
    expect(USD.serialize("0.1234567")).toBe(0.123457);
    expect(USD.serialize(-0.0000001)).toBe(0);
    expect(USD.parseValue(12.5)).toBe(12.5);
  });

  it.each([0.0000001, Number.NaN, Number.POSITIVE_INFINITY, "1", 1e10])("refuses %s", (value) => {
    expect(() => USD.parseValue(value)).toThrow(/USD: .* is not allowed/);
  });
});

describe("DateTime", () => {
  it("reads any zone and writes UTC", () => {
    expect(DateTime.serialize(DateTime.parseValue("2026-01-31T09:00:00+01:00"))).toBe(
      "2026-01-31T08:00:00.000Z",
    );
  });

  it.each(["2026-01-31", "2026-01-31T09:00:00", "2026-13-31T09:00:00Z", "yesterday", 5])(
    "refuses %s",
    (value) => {
      expect(() => DateTime.parseValue(value)).toThrow(/DateTime: .* is not allowed/);
    },
  );
});
