import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadPrices } from "../../../subgraphs/plms/adapters/price-files.ts";
import { pricesFrom, type PriceTable } from "../../../subgraphs/plms/domain/price-table.ts";
import type { Usage } from "../../../subgraphs/plms/domain/usage.ts";

const usage = (changes: Partial<Usage> = {}): Usage => ({
  model: "gpt-4o",
  inputTokens: 1000,
  outputTokens: 100,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  reasoningTokens: null,
  ...changes,
});
const on = (day: string) => new Date(`${day}T12:00:00Z`);

const TABLE: PriceTable = {
  version: "v1",
  prices: [
    { models: ["small"], from: null, to: "2025-12-31", input: "0.15", output: "0.6" },
    {
      models: ["small", "Small-Latest"],
      from: "2026-01-01",
      to: null,
      input: "0.1",
      output: "0.4",
      cacheRead: "0.025",
      cacheWrite: "0.125",
      reasoning: "0.8",
    },
  ],
};
const priceOf = pricesFrom([TABLE]);

describe("a usage costs", () => {
  test("what the model cost on the day, by the last day of one price and the first of the next", () => {
    const small = usage({ model: "small" });
    expect(priceOf(small, on("2025-12-31"))).toEqual({ usdExact: "0.00021", version: "v1" });
    expect(priceOf(small, on("2026-01-01"))).toEqual({ usdExact: "0.00014", version: "v1" });
  });

  test("less for what a cache had and more for what was thought, where these have prices", () => {
    const told = usage({ model: "small", cacheReadTokens: 600, cacheWriteTokens: 300, reasoningTokens: 40 });
    // 100 x 0.1 + 600 x 0.025 + 300 x 0.125 + 60 x 0.4 + 40 x 0.8, for a million tokens
    expect(priceOf(told, on("2026-03-01"))).toMatchObject({ usdExact: "0.0001185" });
    expect(priceOf(told, on("2025-03-01"))).toMatchObject({ usdExact: "0.00021" });
  });

  test("the same under the name that a router gives the model, in whatever case", () => {
    const day = on("2026-03-01");
    expect(priceOf(usage({ model: "openai/SMALL-latest" }), day)).toMatchObject({ usdExact: "0.00014" });
  });

  test("null with a reason where no price is known, and never 0", () => {
    expect(priceOf(usage({ model: null }), on("2026-03-01"))).toMatchObject({
      usdExact: null,
      reason: "no_model",
    });
    expect(priceOf(usage({ model: "other" }), on("2026-03-01"))).toMatchObject({
      usdExact: null,
      reason: "unknown_model",
    });
    const later = pricesFrom([{ version: "v", prices: [{ ...TABLE.prices[1]!, models: ["small"] }] }]);
    expect(later(usage({ model: "small" }), on("2025-03-01"))).toMatchObject({
      usdExact: null,
      reason: "no_price_then",
    });
  });

  test("what the first table says that knows the day", () => {
    const own: PriceTable = {
      version: "ours",
      prices: [{ models: ["small"], from: null, to: null, input: "0.05", output: "0.1" }],
    };
    expect(pricesFrom([own, TABLE])(usage({ model: "small" }), on("2026-03-01"))).toEqual({
      usdExact: "0.00006",
      version: "ours",
    });
  });

  test("its exact sum, whatever the number of tokens", () => {
    const tokens = fc.nat({ max: 2_147_483_647 });
    fc.assert(
      fc.property(tokens, tokens, (inputTokens, outputTokens) => {
        const { usdExact } = priceOf(usage({ model: "small", inputTokens, outputTokens }), on("2026-03-01"));
        const [whole = "", decimals = ""] = (usdExact ?? "").split(".");
        const told = BigInt(whole + decimals.padEnd(12, "0"));
        expect(told).toBe(BigInt(inputTokens) * 100_000n + BigInt(outputTokens) * 400_000n);
      }),
    );
  });
});

test("the list prices know what o3 cost before and after it became cheaper", () => {
  const listed = loadPrices(undefined);
  const told = usage({ model: "o3", inputTokens: 1_000_000, outputTokens: 1_000_000 });
  expect(listed(told, on("2025-06-09")).usdExact).toBe("50");
  expect(listed(told, on("2025-06-10")).usdExact).toBe("10");
});

test("a price file that cannot be read is refused with its name and what is wrong", () => {
  expect(() => loadPrices("/nowhere/prices.json")).toThrow(
    /PRICES_FILE \/nowhere\/prices.json cannot be used/,
  );
});
