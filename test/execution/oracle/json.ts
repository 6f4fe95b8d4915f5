/** JSON with whole numbers of any size, which are `bigint` beyond 2^53. */
export function parseExact(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const exact = (_key: string, value: unknown, { source = "" }: { source?: string } = {}): unknown =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
      ? BigInt(source)
      : value;
  return JSON.parse(text, exact);
}

const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

export const stringifyExact = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === "bigint" ? rawJSON(String(each)) : each));

/** One text for all ways of writing the same value: fields in order, and every leaf as text. */
export function canonical(value: unknown): string {
  if (value === undefined) return "MISSING";
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object") return typeof value === "string" ? value : stringifyExact(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, each]) => `${key}:${canonical(each)}`).join()}}`;
}
