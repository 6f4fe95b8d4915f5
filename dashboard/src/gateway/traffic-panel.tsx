import { useMemo } from "react";
import type { GatewayHistoryQuery } from "../../../schema/generated/documents.ts";
import type { Live } from "../graphql/live.ts";
import { LazyChart } from "../time/lazy-chart.tsx";
import type { TimeView } from "../time/time-range.ts";
import { count, milliseconds, rate } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { durationChart, rateChart, totalOf, type GatewayHistory } from "./gateway-charts.ts";

const HEIGHT_PX = 160;

/** How many operations came, how they were answered and how long that took. */
export function TrafficPanel({ live, time }: { live: Live<GatewayHistoryQuery>; time: TimeView }) {
  return (
    <Panel title="Operations and events over time" live={live} className="wide" lines={10}>
      {({ gatewayHealth: { history } }) => <Traffic history={history} zoom={time.zoom} />}
    </Panel>
  );
}

function Traffic({ history, zoom }: { history: GatewayHistory; zoom: TimeView["zoom"] }) {
  const rates = useMemo(() => rateChart(history), [history]);
  const durations = useMemo(() => durationChart(history), [history]);
  const operations = totalOf(history, (point) => point.operations);
  const failed = totalOf(history, (point) => point.failed);
  return (
    <div className="columns">
      <LazyChart
        chart={rates}
        format={rate}
        heightPx={HEIGHT_PX}
        file="gateway-operations"
        label={`Operations: ${count(operations)}, ${count(failed)} of them with errors`}
        onZoom={zoom}
      />
      <LazyChart
        chart={durations}
        format={milliseconds}
        heightPx={HEIGHT_PX}
        file="gateway-durations"
        label="Time to answer operations and to hand events on"
        onZoom={zoom}
      />
    </div>
  );
}
