/** Most tokens that a limit or a receipt may name, whichever way it comes: what GraphQL's Int carries. */
export const MOST_TOKENS = 2_147_483_647;

/** Longest that a run may be allowed to execute: a year. */
export const MOST_RUN_MINUTES = 366 * 24 * 60;

/** What the limits of a run may be, in words for callers. */
export const RUN_TOKENS_ALLOWED = `a whole number from 1 to ${MOST_TOKENS}`;
export const RUN_MINUTES_ALLOWED = `a number above 0, up to ${MOST_RUN_MINUTES}`;
