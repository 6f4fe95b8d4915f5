/** What a list of projects can be sorted by; equals follow in the order of their ids. */
export const PROJECT_SORTS = ["created", "name", "spent", "danger"] as const;
export type ProjectSort = (typeof PROJECT_SORTS)[number];

/** Where a project stands in an order. */
export interface PlaceInOrder {
  id: string;
  /** What it is sorted by, as text; empty where that is the id. */
  key: string;
}

/** What keys of each order look like. */
const KEYS: Readonly<Record<ProjectSort, RegExp>> = {
  created: /^$/,
  name: /^[^\0]{1,400}$/u,
  spent: /^-?\d{1,20}(\.\d{1,20})?$/,
  danger: /^[0-2]$/,
};

/** A place as text for a cursor. */
export const textOfPlace = ({ id, key }: PlaceInOrder): string => (key === "" ? id : `${id}:${key}`);

/** The place that a text tells; undefined for one of another order, and for what was made up. */
export function placeOf(text: string, sort: ProjectSort): PlaceInOrder | undefined {
  const [, id, key = ""] = /^(\d{1,18})(?::(.*))?$/su.exec(text) ?? [];
  return id !== undefined && KEYS[sort].test(key) ? { id, key } : undefined;
}
