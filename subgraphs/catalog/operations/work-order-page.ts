import { badInput } from "../../../lib/errors.ts";
import { pageRequest, type PageRequest } from "../../../lib/pagination.ts";

export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
}

/**
 * A page of rows that are ordered by a number of their own.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page, and for a cursor of another list
 */
export function numberedPage(args: PageArguments): PageRequest {
  const page = pageRequest(args);
  if (page.after === undefined || /^[1-9]\d{0,17}$/.test(page.after)) return page;
  throw badInput("after", args.after, "a cursor taken from an earlier page");
}
