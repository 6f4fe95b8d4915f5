import { lazy, Suspense, useMemo, useState } from "react";
import { PlmHistoryDocument, type PlmHistoryQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import type { ChartLine } from "../ui/chart.tsx";
import { count, milliseconds, percent } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";

const Chart = lazy(async () => ({ default: (await import("../ui/chart.tsx")).Chart }));

type Point = PlmHistoryQuery["plmHistory"][number];

const SPANS: readonly (readonly [hours: number, label: string])[] = [
  [1, "last hour"],
  [24, "last day"],
  [336, "last 14 days"],
];

const HEIGHT_PX = 130;

/** How fast the PLM answered and how often it did not, over the last hour, day or fortnight. */
export function HistoryCurve() {
  const [hours, setHours] = useState(1);
  const live = usePolled(PlmHistoryDocument, { hours }, { everyMs: 15_000 });
  const span = (
    <select
      aria-label="Span of the history"
      className="narrow"
      value={hours}
      onChange={({ target }) => setHours(Number(target.value))}
    >
      {SPANS.map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
  return (
    <Panel
      title="Performance over time"
      live={live}
      lines={8}
      aside={span}
      empty={({ plmHistory }) =>
        plmHistory.some(({ calls }) => calls > 0) ? undefined : "No call was made."
      }
    >
      {({ plmHistory }) => <Curves points={plmHistory} />}
    </Panel>
  );
}

function Curves({ points }: { points: Point[] }) {
  const { times, answers, failures } = useMemo(() => curvesOf(points), [points]);
  const calls = points.reduce((sum, point) => sum + point.calls, 0);
  const slowest = Math.max(...points.map(({ p95Ms }) => p95Ms ?? 0));
  const worst = Math.max(...points.map(({ errorRate }) => errorRate ?? 0));
  return (
    <Suspense fallback={<div className="chart" style={{ minHeight: 2 * HEIGHT_PX }} />}>
      <p className="legend-line">
        <span className="line-key main">95 % answer within</span>
        <span className="line-key second">half answer within</span>
      </p>
      <Chart
        times={times}
        lines={answers}
        format={milliseconds}
        heightPx={HEIGHT_PX}
        label={`Time to answer: 95 % of the calls within ${milliseconds(slowest)} at worst, ${count(calls)} calls`}
      />
      <p className="legend-line">
        <span className="line-key bad">calls that failed</span>
        <span className="line-key second">readings that something stood in for</span>
      </p>
      <Chart
        times={times}
        lines={failures}
        format={percent}
        heightPx={HEIGHT_PX}
        label={`Failures: ${percent(worst)} of the calls at worst`}
      />
    </Suspense>
  );
}

function curvesOf(points: readonly Point[]) {
  const answers: ChartLine[] = [
    { look: "main", values: points.map(({ p95Ms }) => p95Ms) },
    { look: "second", values: points.map(({ p50Ms }) => p50Ms) },
  ];
  const failures: ChartLine[] = [
    { look: "bad", values: points.map(({ errorRate }) => errorRate) },
    { look: "second", values: points.map(({ fallbackRate }) => fallbackRate) },
  ];
  return { times: points.map(({ from }) => new Date(from).getTime() / 1000), answers, failures };
}
