/** A clock may be hours or a time zone ahead of ours, and be put right while its messages wait; none is a day ahead. */
const MOST_AHEAD_MS = 24 * 3_600_000;

/** True for a time of the executor's that no difference of clocks explains. */
export const isBeyondClocks = (at: Date, nowMs: number): boolean => at.getTime() - nowMs > MOST_AHEAD_MS;

/** When something happened that the executor has told of: not later than now, whatever its clock says. */
export const notLaterThan = (now: Date, at: Date): Date => (at.getTime() > now.getTime() ? now : at);
