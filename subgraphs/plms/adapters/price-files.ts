import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { messageOf } from "../../../lib/errors.ts";
import { PRICE_TEXT, pricesFrom, type PriceOf, type PriceTable } from "../domain/price-table.ts";

const LARGEST_BYTES = 1_048_576;
const LIST_PRICES = new URL("../prices/list-prices.json", import.meta.url);

const price = z
  .string()
  .regex(PRICE_TEXT, 'USD for a million tokens as text like "2.50", at most 6 decimals');
const day = z.iso.date("a day like 2026-01-31").nullable();
const fileSchema = z.strictObject({
  version: z.string().regex(/^[\w.-]{1,64}$/, "1-64 letters, digits, dots and hyphens"),
  note: z.string().optional(),
  prices: z
    .array(
      z.strictObject({
        models: z.array(z.string().min(1).max(256)).min(1).max(100),
        from: day,
        to: day,
        input: price,
        output: price,
        cacheRead: price.optional(),
        cacheWrite: price.optional(),
        reasoning: price.optional(),
      }),
    )
    .max(10_000),
});

/**
 * The price tables of an installation: its own file, then the list prices that come with this software.
 *
 * @throws Error naming the file and what is wrong with it
 */
export function loadPrices(ownFile: string | undefined): PriceOf {
  const own = ownFile === undefined ? [] : [readTable(ownFile)];
  return pricesFrom([...own, readTable(LIST_PRICES)]);
}

function readTable(path: string | URL): PriceTable {
  try {
    const { size } = statSync(path);
    if (size > LARGEST_BYTES)
      throw new Error(`${size} bytes are not allowed: expected at most ${LARGEST_BYTES}`);
    const result = fileSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw new Error(`${issue?.path.join(".") || "the file"}: ${issue?.message ?? "not allowed"}`);
  } catch (cause) {
    throw new Error(`PRICES_FILE ${String(path)} cannot be used: ${messageOf(cause)}`, { cause });
  }
}
