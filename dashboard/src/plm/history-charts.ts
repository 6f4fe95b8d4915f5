import type { PlmHistoryQuery } from "../../../schema/generated/documents.ts";
import { circuitMarks } from "../time/circuit-marks.ts";
import { secondsOf, type Chart } from "../time/series.ts";

type Point = PlmHistoryQuery["plmHistory"][number];
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
    marks: circuitMarks({
      ...circuitHistory,
      stateNow: circuitHistory.stateBefore,
      changes: circuitHistory.transitions,
    }),
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
