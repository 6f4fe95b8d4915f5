import { use } from "react";
import { count } from "./format.ts";
import type { ListAddress } from "./list-address.ts";
import { FormerContext } from "./panel.tsx";
import { Anchor } from "./router.tsx";

interface PagerProps {
  list: ListAddress;
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage?: boolean;
    startCursor?: string | null;
    endCursor: string | null;
  };
  /** How many are on this page. */
  shown: number;
  /** How many there are on all pages. */
  total: number;
  /** What they are, like `projects`. */
  what: string;
}

/** The way to the other pages of a list; says how much there is, and nothing more where all is on one page. */
export function Pager({ list, pageInfo, shown, total, what }: PagerProps) {
  const { hasNextPage, hasPreviousPage = false, startCursor, endCursor } = pageInfo;
  // The cursors of another order or filter lead nowhere here: the links wait for those of the new one.
  const isDisabled = use(FormerContext);
  const isFirst = list.get("after") === undefined && list.get("before") === undefined;
  if (isFirst && !hasNextPage) return null;
  return (
    <nav className="pager" aria-label={`Pages of ${what}`}>
      <span className="soft number">
        {count(shown)} of {count(total)} {what}
      </span>
      {!isFirst && (
        <Anchor to={list.pageAt()} isDisabled={isDisabled}>
          First
        </Anchor>
      )}
      {hasPreviousPage && startCursor && (
        <Anchor to={list.pageAt({ before: startCursor })} isDisabled={isDisabled}>
          Previous
        </Anchor>
      )}
      {hasNextPage && endCursor && (
        <Anchor to={list.pageAt({ after: endCursor })} isDisabled={isDisabled}>
          Next
        </Anchor>
      )}
    </nav>
  );
}
