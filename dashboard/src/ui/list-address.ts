import { go, usePath, useQueryText } from "./router.tsx";

/** What a list shows, as it stands in the address: whoever is sent the link sees the same. */
export interface ListAddress {
  /** A filter, the order, or the place in the list; undefined where the address does not say. */
  get(name: string): string | undefined;
  /** Changes what is shown, from its first page; undefined takes a filter away. */
  set(changes: Changes, options?: { isReplacing?: boolean }): void;
  /** The address of another page of the same list; without a cursor that of the first. */
  pageAt(cursor?: { after: string } | { before: string }): string;
}

type Changes = Readonly<Record<string, string | undefined>>;

const FIRST_PAGE: Changes = { after: undefined, before: undefined };

/** @param prefix stands before the names of a list that shares its page with another one */
export function useListAddress(prefix = ""): ListAddress {
  const path = usePath();
  const text = useQueryText();
  const known = new URLSearchParams(text);
  const changed = (changes: Changes): string => {
    const next = new URLSearchParams(text);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === "") next.delete(prefix + name);
      else next.set(prefix + name, value);
    }
    return next.size === 0 ? path : `${path}?${next.toString()}`;
  };
  return {
    get: (name) => known.get(prefix + name) ?? undefined,
    set: (changes, options) => go(changed({ ...FIRST_PAGE, ...changes }), options),
    pageAt: (cursor) => changed({ ...FIRST_PAGE, ...cursor }),
  };
}
