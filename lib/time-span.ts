import { badInput } from "./errors.ts";

/** A stretch of time that somebody looks at. */
export interface TimeSpan {
  from: Date;
  to: Date;
}

const DAY_MS = 86_400_000;
/** In anything shorter there is nothing to be told apart. */
export const SHORTEST_SPAN_MS = 1_000;

/**
 * The span as it is, when it is one. What is to come is cut off.
 *
 * @throws CodedError BAD_USER_INPUT for `from` or `to`
 */
export function checkedSpan({ from, to }: TimeSpan, now: Date): TimeSpan {
  for (const [field, value] of Object.entries({ from, to })) {
    const isKnown = value.getTime() >= 0 && value.getTime() <= now.getTime() + DAY_MS;
    if (!isKnown) throw badInput(field, shown(value), "a moment from 1970 to a day from now");
  }
  if (now.getTime() - from.getTime() < SHORTEST_SPAN_MS)
    throw badInput("from", shown(from), `a moment before now, ${shown(now)}`);
  if (to.getTime() - from.getTime() < SHORTEST_SPAN_MS)
    throw badInput("to", shown(to), `at least a second after from, ${shown(from)}`);
  return { from, to: to < now ? to : now };
}

const shown = (date: Date) => date.toISOString();
