import { useMemo } from "react";
import { PlmHistoryDocument, type PlmHistoryQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { LazyChart } from "../time/lazy-chart.tsx";
import { useAskedSpan, type TimeView } from "../time/time-range.ts";
import { count, milliseconds, percent } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { historyCharts } from "./history-charts.ts";

const HEIGHT_PX = 150;

/** How fast the PLM answered, how often it did not, what the cache answered, and what its circuit did meanwhile. */
export function HistoryCurve({ time }: { time: TimeView }) {
  const { from = "", to } = useAskedSpan(time.range);
  const asked = to === undefined ? { from } : { from, to };
  const live = usePolled(PlmHistoryDocument, asked, { everyMs: 15_000 });
  return (
    <Panel
      title="Performance over time"
      live={live}
      lines={8}
      empty={({ plmHistory, circuitHistory }) =>
        plmHistory.some(({ calls, hitRatio }) => calls > 0 || hitRatio !== null) ||
        circuitHistory.transitions.length > 0
          ? undefined
          : "Nobody asked for anything of the PLM in this range."
      }
    >
      {(history) => <Curves history={history} zoom={time.zoom} />}
    </Panel>
  );
}

function Curves({ history, zoom }: { history: PlmHistoryQuery; zoom: TimeView["zoom"] }) {
  const { answers, shares } = useMemo(() => historyCharts(history), [history]);
  const calls = history.plmHistory.reduce((sum, point) => sum + point.calls, 0);
  const worst = (of: (point: PlmHistoryQuery["plmHistory"][number]) => number | null) =>
    Math.max(...history.plmHistory.map((point) => of(point) ?? 0));
  return (
    <>
      <LazyChart
        chart={answers}
        format={milliseconds}
        heightPx={HEIGHT_PX}
        file="plm-latency"
        label={`Time to answer: 95 % of the calls within ${milliseconds(worst(({ p95Ms }) => p95Ms))} at worst, ${count(calls)} calls`}
        onZoom={zoom}
      />
      <LazyChart
        chart={shares}
        format={percent}
        heightPx={HEIGHT_PX}
        file="plm-readings"
        label={`Shares of calls and readings: ${percent(worst(({ errorRate }) => errorRate))} of the calls failed at worst`}
        onZoom={zoom}
      />
      {!history.circuitHistory.isComplete && (
        <p className="hint">Of the changes of the circuit, the newest 500 are marked.</p>
      )}
    </>
  );
}
