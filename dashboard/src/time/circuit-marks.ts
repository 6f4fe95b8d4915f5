import type { CircuitState } from "../../../schema/generated/documents.ts";
import { plain, words } from "../ui/format.ts";
import { secondsOf, type ChartMark } from "./series.ts";

/** While it is in these, calls are kept away. */
const AWAY: ReadonlySet<CircuitState> = new Set(["OPEN", "ISOLATED"]);

interface Circuit {
  from: string;
  to: string;
  /** Now, which is also the state at the beginning when nothing changed. */
  stateNow: CircuitState;
  /** In any order, also from before. */
  changes: readonly { from: CircuitState; to: CircuitState; at: string; cause: string | null }[];
}

/** Each stretch of time in which a circuit kept calls away, and each moment at which it tried them again. */
export function circuitMarks({ from, to, stateNow, changes }: Circuit): ChartMark[] {
  const sorted = changes.toSorted((a, b) => a.at.localeCompare(b.at));
  const within = sorted.filter(({ at }) => at > from && at <= to);
  const before = within[0]?.from ?? sorted.findLast(({ at }) => at <= from)?.to ?? stateNow;
  const states = [
    { state: before, at: secondsOf(from), cause: null },
    ...within.map((change) => ({ state: change.to, at: secondsOf(change.at), cause: change.cause })),
  ];
  const ends = [...states.slice(1).map(({ at }) => at), secondsOf(to)];
  return states.flatMap(({ state, at, cause }, index): ChartMark[] => {
    const text = cause === null ? words(state) : `${words(state)}, ${plain(cause)}`;
    if (AWAY.has(state)) return [{ kind: "outage", from: at, to: ends[index] ?? at, text }];
    return index > 0 ? [{ kind: "change", from: at, text: `circuit ${words(state)}` }] : [];
  });
}
