import { Kind, parse, print, visit, type SelectionNode } from "graphql";

const known = new Map<string, string>();

/** A query with its fields sorted: engines may ask for the same in another order. */
export function unordered(query: string): string {
  const text = known.get(query) ?? print(visit(parse(query), { SelectionSet: { leave: sorted } }));
  known.set(query, text);
  return text;
}

const sorted = <T extends { selections: readonly SelectionNode[] }>(set: T): T => ({
  ...set,
  kind: Kind.SELECTION_SET,
  selections: set.selections.toSorted((a, b) => (print(a) < print(b) ? -1 : 1)),
});
