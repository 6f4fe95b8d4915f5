/** JSON that is the same text for equal values: object keys sorted, `undefined` left out. */
export const canonicalJson = (value: unknown): string => [...canonicalPieces(value)].join("");

/**
 * The same text in pieces, for values that are too large to be written in one go; joined, they are `canonicalJson`.
 *
 * @example for (const piece of canonicalPieces(catalogue)) hash.update(piece);
 */
export function* canonicalPieces(value: unknown): Generator<string, void, undefined> {
  if (Array.isArray(value)) return yield* listPieces(value);
  if (typeof value !== "object" || value === null || value instanceof Date)
    return yield JSON.stringify(value);
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields)
    .filter((name) => fields[name] !== undefined)
    .sort();
  let text = "{";
  for (const [index, name] of names.entries()) {
    const field = fields[name];
    text += `${index === 0 ? "" : ","}${JSON.stringify(name)}:`;
    if (isPlain(field)) {
      text += JSON.stringify(field);
    } else {
      yield text;
      text = "";
      yield* canonicalPieces(field);
    }
  }
  return yield `${text}}`;
}

function* listPieces(items: readonly unknown[]): Generator<string, void, undefined> {
  yield "[";
  for (const [index, item] of items.entries()) {
    if (index > 0) yield ",";
    yield* canonicalPieces(item ?? null);
  }
  yield "]";
}

const isPlain = (value: unknown) => typeof value !== "object" || value === null;
