import type { Usage } from "./usage.ts";

/** What one million tokens cost, in USD as decimal text; a part without a price of its own costs what its whole does. */
interface Price {
  models: readonly string[];
  /** First and last day, in UTC; null is without an end. */
  from: string | null;
  to: string | null;
  input: string;
  output: string;
  cacheRead?: string | undefined;
  cacheWrite?: string | undefined;
  reasoning?: string | undefined;
}

/** Prices as of one day. */
export interface PriceTable {
  version: string;
  prices: readonly Price[];
}

export type UnpricedReason = "no_model" | "unknown_model" | "no_price_then";

/** What a usage costs by the table, exactly; or why it cannot be said. */
export type Priced =
  | { usdExact: string; version: string; reason?: undefined }
  | { usdExact: null; version: null; reason: UnpricedReason };

export type PriceOf = (usage: Usage, at: Date) => Priced;

/** Decimals of a price that count: a millionth of a dollar for a million tokens. */
const PRICE_DECIMALS = 6;
const TOKENS_OF_A_PRICE_DECIMALS = 6;

/** Text of a price: at most so many decimals, without a sign. */
export const PRICE_TEXT = new RegExp(String.raw`^\d{1,9}(\.\d{1,${PRICE_DECIMALS}})?$`);

interface UnitPrice {
  version: string;
  from: string | null;
  to: string | null;
  /** In 10^-12 USD a token. */
  input: bigint;
  output: bigint;
  cacheRead: bigint;
  cacheWrite: bigint;
  reasoning: bigint;
}

/** Looks prices up in tables, the first that knows a model on the day first. */
export function pricesFrom(tables: readonly PriceTable[]): PriceOf {
  const byModel = new Map<string, UnitPrice[]>();
  for (const { version, prices } of tables) {
    for (const price of prices) {
      const unit = unitPrice(version, price);
      for (const model of price.models) {
        const name = model.toLowerCase();
        byModel.set(name, [...(byModel.get(name) ?? []), unit]);
      }
    }
  }
  return (usage, at) => {
    if (usage.model === null) return { usdExact: null, version: null, reason: "no_model" };
    const known = namesOf(usage.model).flatMap((name) => byModel.get(name) ?? []);
    if (known.length === 0) return { usdExact: null, version: null, reason: "unknown_model" };
    const day = at.toISOString().slice(0, 10);
    const price = known.find(({ from, to }) => (from ?? "") <= day && day <= (to ?? "9999-12-31"));
    if (!price) return { usdExact: null, version: null, reason: "no_price_then" };
    return { usdExact: decimalOf(costOf(usage, price)), version: price.version };
  };
}

/** A model by its name, and without the provider that routers put before it: `openai/gpt-4o`. */
function namesOf(model: string): string[] {
  const name = model.toLowerCase();
  const bare = name.slice(name.lastIndexOf("/") + 1);
  return bare === name ? [name] : [name, bare];
}

function unitPrice(version: string, { from, to, ...price }: Price): UnitPrice {
  const input = unitsOf(price.input);
  const output = unitsOf(price.output);
  const orElse = (text: string | undefined, whole: bigint) => (text === undefined ? whole : unitsOf(text));
  return {
    version,
    from,
    to,
    input,
    output,
    cacheRead: orElse(price.cacheRead, input),
    cacheWrite: orElse(price.cacheWrite, input),
    reasoning: orElse(price.reasoning, output),
  };
}

function unitsOf(text: string): bigint {
  const [whole = "0", decimals = ""] = text.split(".");
  return BigInt(whole + decimals.padEnd(PRICE_DECIMALS, "0"));
}

function costOf(usage: Usage, price: UnitPrice): bigint {
  const tokens = {
    cacheRead: BigInt(usage.cacheReadTokens ?? 0),
    cacheWrite: BigInt(usage.cacheWriteTokens ?? 0),
    reasoning: BigInt(usage.reasoningTokens ?? 0),
  };
  return (
    (BigInt(usage.inputTokens) - tokens.cacheRead - tokens.cacheWrite) * price.input +
    tokens.cacheRead * price.cacheRead +
    tokens.cacheWrite * price.cacheWrite +
    (BigInt(usage.outputTokens) - tokens.reasoning) * price.output +
    tokens.reasoning * price.reasoning
  );
}

const DECIMALS = PRICE_DECIMALS + TOKENS_OF_A_PRICE_DECIMALS;

/** Decimal text without zeros at its end. */
function decimalOf(units: bigint): string {
  const digits = units.toString().padStart(DECIMALS + 1, "0");
  const decimals = digits.slice(-DECIMALS).replace(/0+$/, "");
  const whole = digits.slice(0, -DECIMALS);
  return decimals === "" ? whole : `${whole}.${decimals}`;
}
