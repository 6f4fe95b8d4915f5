import { useMemo, useState } from "react";
import {
  BudgetRunwayDocument,
  BurnHistoryDocument,
  type BurnHistoryQuery,
} from "../../../schema/generated/documents.ts";
import { useLive, usePolled } from "../graphql/live.ts";
import { LazyChart } from "../time/lazy-chart.tsx";
import { secondsOf } from "../time/series.ts";
import { useAskedSpan, type TimeView } from "../time/time-range.ts";
import { usd } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { burnChart, burnLabel, type BurnHistory, type LivePoint, type Runway } from "./burn-chart.ts";

/** The subscription tells what is new; what happened beside it is looked up this often. */
const REFRESH_MS = 30_000;

/** What the newest run has spent over all of its time, or over the stretch of it that is looked at. */
export function BurnPanel({ projectId, time }: { projectId: string; time: TimeView }) {
  const asked = useAskedSpan(time.range);
  const history = usePolled(BurnHistoryDocument, { projectId, ...asked }, { everyMs: REFRESH_MS });
  const runway = useLive(BudgetRunwayDocument, { projectId }).data?.budgetRunway;
  return (
    <Panel title="Burn" live={history} lines={7} empty={(data) => nothingIn(data, time)}>
      {(data) => {
        const known = historyIn(data);
        return known && <Burn projectId={projectId} history={known} runway={runway} time={time} />;
      }}
    </Panel>
  );
}

const historyIn = (data: BurnHistoryQuery): BurnHistory | undefined =>
  data.project?.runs.edges[0]?.node.burnHistory ?? undefined;

function nothingIn(data: BurnHistoryQuery, { range }: TimeView): string | undefined {
  const spent = historyIn(data)?.points.at(-1)?.usdOfRun;
  if (spent === undefined) return "The curve begins when a run does.";
  return spent === 0 && range.kind === "run"
    ? "The curve begins with the first receipt of a run."
    : undefined;
}

interface BurnProps {
  projectId: string;
  history: BurnHistory;
  runway: Runway | undefined;
  time: TimeView;
}

function Burn({ projectId, history, runway, time: { range, zoom } }: BurnProps) {
  const live = useLivePoints(history, runway);
  const until = range.kind === "custom" ? range.to.getTime() / 1000 : null;
  const chart = useMemo(() => burnChart({ history, live, runway, until }), [history, live, runway, until]);
  const isQuiet = history.points.every(({ receipts }) => receipts === 0) && live.length === 0;
  return (
    <>
      <LazyChart
        chart={chart}
        format={usd}
        label={burnLabel(chart)}
        file={`burn-of-project-${projectId}`}
        isClose={range.kind !== "run"}
        onZoom={zoom}
      />
      {isQuiet && <p className="hint">Nothing was charged in this range.</p>}
      {!history.isComplete && (
        <p className="hint">Of budget changes, pauses and alerts, the newest 200 each are marked.</p>
      )}
    </>
  );
}

const MOST_LIVE = 500;

/** What the subscription has told since the history was asked for; the next history takes it over. */
function useLivePoints(history: BurnHistory, runway: Runway | undefined): readonly LivePoint[] {
  const [state, setState] = useState<{ version: string | undefined; points: readonly LivePoint[] }>({
    version: undefined,
    points: [],
  });
  const end = secondsOf(history.to);
  if (runway && runway.version !== state.version) {
    const point: LivePoint = [secondsOf(runway.asOf), runway.budget.usdSpent];
    const kept = state.points.filter(([at]) => at > end && at < point[0]);
    setState({ version: runway.version, points: [...kept, point].slice(-MOST_LIVE) });
  }
  return useMemo(() => state.points.filter(([at]) => at > end), [state, end]);
}
