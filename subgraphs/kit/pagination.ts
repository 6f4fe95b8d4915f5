import { badInput } from "../../lib/errors.ts";

const PAGE_SIZE_DEFAULT = 20;
const PAGE_SIZE_MAX = 100;

/** Which page is wanted: at most `first` items that come after the sort key `after`. */
export interface PageRequest {
  first: number;
  after: string | undefined;
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
}

/**
 * Checks the Relay arguments.
 *
 * @throws CodedError BAD_USER_INPUT when `first` is outside 1-100 or `after` is not one of our cursors
 */
export function pageRequest(args: PageArguments): PageRequest {
  const first = args.first ?? PAGE_SIZE_DEFAULT;
  if (!Number.isInteger(first) || first < 1 || first > PAGE_SIZE_MAX) {
    throw badInput("first", args.first, `an integer from 1 to ${PAGE_SIZE_MAX}`);
  }
  return { first, after: typeof args.after === "string" ? decodeCursor(args.after) : undefined };
}

/**
 * A page of rows that are ordered by a number of their own; a forged cursor never reaches the database.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page, and for a cursor of another list
 */
export function numberedPage(args: PageArguments): PageRequest {
  const page = pageRequest(args);
  if (page.after === undefined || /^\d{1,18}$/.test(page.after)) return page;
  throw badInput("after", args.after, "a cursor taken from an earlier page");
}

/** Items of one page, fetched with one more than `first` to know whether there is a next one. */
export function connectionOf<T>(
  items: readonly T[],
  page: PageRequest,
  options: { key: (item: T) => string; totalCount: number },
): Connection<T> {
  const edges = items.slice(0, page.first).map((node) => ({ node, cursor: encodeCursor(options.key(node)) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: items.length > page.first,
      hasPreviousPage: page.after !== undefined,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: options.totalCount,
  };
}

const PREFIX = "c1:";

const encodeCursor = (key: string): string => Buffer.from(PREFIX + key).toString("base64url");

function decodeCursor(cursor: string): string {
  const text = cursor.length > 512 ? "" : Buffer.from(cursor, "base64url").toString("utf8");
  if (!text.startsWith(PREFIX)) throw badInput("after", cursor, "a cursor taken from an earlier page");
  return text.slice(PREFIX.length);
}
