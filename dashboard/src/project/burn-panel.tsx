import { lazy, Suspense, useMemo } from "react";
import {
  BudgetRunwayDocument,
  BurnHistoryDocument,
  type BudgetRunwaySubscription,
  type BurnHistoryQuery,
} from "../../../schema/generated/documents.ts";
import { useLive, usePolled } from "../graphql/live.ts";
import { usd } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";

const Chart = lazy(async () => ({ default: (await import("../ui/chart.tsx")).Chart }));

/** Often enough that the curve grows with the run. */
const REFRESH_MS = 3_000;

export function BurnPanel({ projectId }: { projectId: string }) {
  const history = usePolled(BurnHistoryDocument, { projectId }, { everyMs: REFRESH_MS });
  const runway = useLive(BudgetRunwayDocument, { projectId }).data?.budgetRunway;
  return (
    <Panel
      title="Burn"
      live={history}
      lines={7}
      empty={(data) =>
        receiptsOf(data).length < 2 ? "The curve begins with the second receipt of a run." : undefined
      }
    >
      {(data) => <BurnChart history={data} runway={runway} />}
    </Panel>
  );
}

function BurnChart({
  history,
  runway,
}: {
  history: BurnHistoryQuery;
  runway: BudgetRunwaySubscription["budgetRunway"] | undefined;
}) {
  const maxUsd = runway?.budget.usdMax ?? null;
  const points = useMemo(() => burnCurve(receiptsOf(history), runway?.budget.usdSpent), [history, runway]);
  const last = points.at(-1);
  return (
    <Suspense fallback={<div className="chart" />}>
      <Chart
        points={points}
        limit={maxUsd}
        format={usd}
        label={`Spent over time: ${points.length} receipts shown, now ${usd(last?.[1] ?? 0)}`}
      />
    </Suspense>
  );
}

const receiptsOf = (history: BurnHistoryQuery) =>
  history.project?.runs.edges[0]?.node.receipts.edges.map(({ node }) => node) ?? [];

interface Charge {
  costUsd: number;
  occurredAt: string;
}

/** Running totals as [seconds since 1970, USD], counted backwards from what is spent by now. */
function burnCurve(newestFirst: readonly Charge[], spentUsd?: number): [number, number][] {
  const sorted = [...newestFirst].sort((a, b) => b.occurredAt.localeCompare(a.occurredAt));
  const state = { total: spentUsd ?? sorted.reduce((sum, { costUsd }) => sum + costUsd, 0) };
  const points = sorted.map(({ costUsd, occurredAt }): [number, number] => {
    const total = state.total;
    state.total -= costUsd;
    return [new Date(occurredAt).getTime() / 1000, total];
  });
  return points.toReversed();
}
