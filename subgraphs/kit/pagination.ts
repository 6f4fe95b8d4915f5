import { badInput } from "../../lib/errors.ts";

const PAGE_SIZE_DEFAULT = 20;
const PAGE_SIZE_MAX = 100;

/** Which page is wanted: at most `first` items that come after the sort key `after`. */
export interface PageRequest {
  first: number;
  after: string | undefined;
  /** True when they are to come before it instead, the nearest first. */
  isBackwards?: boolean;
}

interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}

/** A page in the shape of the Relay cursor specification. */
export interface Connection<T> {
  edges: { node: T; cursor: string }[];
  pageInfo: PageInfo;
  totalCount: number;
}

/** The Relay arguments of a list. */
export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
  /** Of lists that go back, too: the cursor of the item that the page ends before. */
  before?: string | null | undefined;
}

/**
 * Checks the Relay arguments.
 *
 * @throws CodedError BAD_USER_INPUT when `first` is outside 1-100, `after` or `before` is not one of our cursors, or both are
 * given
 */
export function pageRequest(args: PageArguments): PageRequest {
  const first = args.first ?? PAGE_SIZE_DEFAULT;
  if (!Number.isInteger(first) || first < 1 || first > PAGE_SIZE_MAX) {
    throw badInput("first", args.first, `an integer from 1 to ${PAGE_SIZE_MAX}`);
  }
  const { after, before } = args;
  if (typeof before !== "string")
    return { first, after: typeof after === "string" ? decodeCursor("after", after) : undefined };
  if (typeof after === "string") throw badInput("before", before, "no cursor beside one for `after`");
  return { first, after: decodeCursor("before", before), isBackwards: true };
}

/**
 * A page of rows that are ordered by a number of their own; a forged cursor never reaches the database.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page, and for a cursor of another list
 */
export function numberedPage(args: PageArguments): PageRequest {
  const page = pageRequest(args);
  if (page.after === undefined || /^\d{1,18}$/.test(page.after)) return page;
  throw strangeCursor(args);
}

/** What is wrong with a cursor that is none of this list. */
export const strangeCursor = ({ after, before }: PageArguments): Error =>
  typeof before === "string" ? badInput("before", before, CURSORS) : badInput("after", after, CURSORS);

const CURSORS = "a cursor taken from an earlier page";

/** Items of one page, fetched with one more than `first` to know whether there is a next one. */
export function connectionOf<T>(
  items: readonly T[],
  page: PageRequest,
  options: { key: (item: T) => string; totalCount: number },
): Connection<T> {
  const { isBackwards = false } = page;
  const shown = items.slice(0, page.first);
  const edges = (isBackwards ? shown.toReversed() : shown).map((node) => ({
    node,
    cursor: encodeCursor(options.key(node)),
  }));
  const goesOn = items.length > page.first;
  return {
    edges,
    pageInfo: {
      hasNextPage: isBackwards || goesOn,
      hasPreviousPage: isBackwards ? goesOn : page.after !== undefined,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: options.totalCount,
  };
}

const PREFIX = "c1:";

const encodeCursor = (key: string): string => Buffer.from(PREFIX + key).toString("base64url");

/** A name of 200 characters of three bytes each, in four thirds of their length, and the rest of a sort key. */
const MOST_CURSOR_CHARACTERS = 1_024;

function decodeCursor(argument: "after" | "before", cursor: string): string {
  const text =
    cursor.length > MOST_CURSOR_CHARACTERS ? "" : Buffer.from(cursor, "base64url").toString("utf8");
  if (!text.startsWith(PREFIX)) throw badInput(argument, cursor, CURSORS);
  return text.slice(PREFIX.length);
}
