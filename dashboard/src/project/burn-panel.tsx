import { lazy, Suspense, useMemo, useState } from "react";
import {
  BudgetRunwayDocument,
  BurnHistoryDocument,
  type BudgetRunwaySubscription,
  type BurnHistoryQuery,
} from "../../../schema/generated/documents.ts";
import { useLive, usePolled } from "../graphql/live.ts";
import type { ChartLine } from "../ui/chart.tsx";
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
  const usdSpent = runway?.budget.usdSpent;
  const asOf = runway?.asOf;
  const [counted, setCounted] = useState({ history, usdSpent });
  // The receipts are as old as their answer, and so must be the total that they are counted back from.
  const isFirstTotal = counted.usdSpent === undefined && usdSpent !== undefined;
  if (counted.history !== history || isFirstTotal) setCounted({ history, usdSpent });
  const points = useMemo(() => {
    const curve = burnCurve(receiptsOf(counted.history), counted.usdSpent);
    const isNewer = usdSpent !== undefined && usdSpent > (counted.usdSpent ?? usdSpent);
    return isNewer && asOf ? [...curve, [seconds(asOf), usdSpent] as const] : curve;
  }, [counted, usdSpent, asOf]);
  const times = useMemo(() => points.map(([time]) => time), [points]);
  const lines = useMemo((): ChartLine[] => {
    const spent = points.map(([, total]) => total);
    return [
      { look: "main", values: spent },
      { look: "limit", values: spent.map(() => maxUsd) },
    ];
  }, [points, maxUsd]);
  return (
    <Suspense fallback={<div className="chart" />}>
      <Chart
        times={times}
        lines={lines}
        format={usd}
        label={`Spent over time: ${points.length} receipts shown, now ${usd(points.at(-1)?.[1] ?? 0)}`}
      />
    </Suspense>
  );
}

const receiptsOf = (history: BurnHistoryQuery) =>
  history.project?.runs.edges[0]?.node.receipts.edges.map(({ node }) => node) ?? [];

const seconds = (at: string) => new Date(at).getTime() / 1000;

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
    return [seconds(occurredAt), total];
  });
  return points.toReversed();
}
