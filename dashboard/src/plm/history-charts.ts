import type { CircuitState, PlmHistoryQuery } from "../../../schema/generated/documents.ts";
import { secondsOf, type Chart, type ChartMark } from "../time/series.ts";
import { plain, words } from "../ui/format.ts";

type Point = PlmHistoryQuery["plmHistory"][number];
type Circuit = PlmHistoryQuery["circuitHistory"];

/** While it is in these, calls are kept away. */
const AWAY: readonly CircuitState[] = ["OPEN", "ISOLATED"];

/** Each stretch of time in which a circuit kept calls away, and each moment at which it tried them again. */
export function circuitMarks({ from, to, stateBefore, transitions }: Circuit): ChartMark[] {
  const states = [
    { state: stateBefore, at: secondsOf(from), cause: null },
    ...transitions.map((change) => ({ state: change.to, at: secondsOf(change.at), cause: change.cause })),
  ];
  const ends = [...states.slice(1).map(({ at }) => at), secondsOf(to)];
  return states.flatMap(({ state, at, cause }, index): ChartMark[] => {
    const text = cause === null ? words(state) : `${words(state)}, ${plain(cause)}`;
    if (AWAY.includes(state)) return [{ kind: "outage", from: at, to: ends[index] ?? at, text }];
    return index > 0 ? [{ kind: "change", from: at, text: `circuit ${words(state)}` }] : [];
  });
}

interface Charts {
  answers: Chart;
  shares: Chart;
}

/** How fast the PLM answered, and what came of readings, beside the states of its circuit. */
export function historyCharts({ plmHistory, circuitHistory }: PlmHistoryQuery): Charts {
  const values = (of: (point: Point) => number | null) => plmHistory.map(of);
  const shared = {
    times: plmHistory.map(({ from }) => secondsOf(from)),
    span: [secondsOf(circuitHistory.from), secondsOf(circuitHistory.to)] as const,
    marks: circuitMarks(circuitHistory),
  };
  return {
    answers: {
      ...shared,
      lines: [
        { name: "95 % answer within", look: "main", values: values(({ p95Ms }) => p95Ms) },
        { name: "half answer within", look: "second", values: values(({ p50Ms }) => p50Ms) },
      ],
    },
    shares: {
      ...shared,
      lines: [
        { name: "answered by the cache", look: "main", values: values(({ hitRatio }) => hitRatio) },
        { name: "calls that failed", look: "bad", values: values(({ errorRate }) => errorRate) },
        { name: "stood in for", look: "second", values: values(({ fallbackRate }) => fallbackRate) },
      ],
    },
  };
}
