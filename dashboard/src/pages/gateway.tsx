import { useEffect, useState } from "react";
import { GatewayHealthDocument, GatewayHistoryDocument } from "../../../schema/generated/documents.ts";
import { PlanPanel, SubscriptionsPanel } from "../gateway/load-panels.tsx";
import { OverviewPanel } from "../gateway/overview-panel.tsx";
import { LagPanel } from "../gateway/lag-panel.tsx";
import { LimitedPanel } from "../gateway/limited-panel.tsx";
import { OperationsPanel } from "../gateway/operations-panel.tsx";
import { StreamsPanel } from "../gateway/streams-panel.tsx";
import { TrafficPanel } from "../gateway/traffic-panel.tsx";
import { SubgraphPanel } from "../gateway/subgraph-panel.tsx";
import { usePolled } from "../graphql/live.ts";
import { useMay, useSession } from "../graphql/session.tsx";
import { CircuitPanel } from "../plm/circuit-panel.tsx";
import { RangeControl } from "../time/range-control.tsx";
import { useAskedSpan, useTimeRange } from "../time/time-range.ts";
import { PageTitle } from "../ui/page-title.tsx";
import { Card } from "../ui/panel.tsx";
import { Anchor } from "../ui/router.tsx";

const SCOPES = ["plm.admin", "portfolio.view"];

export function GatewayPage() {
  const scopes = useSession().person()?.scopes ?? [];
  const mayView = SCOPES.some((scope) => scopes.includes(scope));
  return (
    <>
      <div className="heading">
        <PageTitle>Gateway</PageTitle>
        <PlaygroundLink />
      </div>
      {mayView ? <Gateway /> : <GuestView />}
    </>
  );
}

const PRESETS = ["1h", "15m", "6h"] as const;

function Gateway() {
  const time = useTimeRange(PRESETS);
  const { from = "", to } = useAskedSpan(time.range);
  const asked = to === undefined ? { from } : { from, to };
  const live = usePolled(GatewayHealthDocument, {}, { everyMs: 5_000 });
  const past = usePolled(GatewayHistoryDocument, asked, { everyMs: 15_000 });
  const history = past.data?.gatewayHealth.history;
  const isAdmin = useMay("plm.admin");
  const names = live.data?.gatewayHealth.subgraphs.map(({ name }) => name) ?? [];
  return (
    <div className="grid">
      <div className="wide">
        <RangeControl {...time} />
      </div>
      <OverviewPanel live={live} history={history} />
      <TrafficPanel live={past} time={time} />
      {names.map((name) => (
        <SubgraphPanel key={name} name={name} history={history} zoom={time.zoom} />
      ))}
      <div className="stack">
        <CircuitPanel />
        <StreamsPanel live={live} />
        {isAdmin && <LimitedPanel asked={asked} />}
      </div>
      <div className="stack">
        <PlanPanel live={live} />
        <SubscriptionsPanel live={live} />
        <LagPanel live={past} />
      </div>
      <OperationsPanel live={past} />
    </div>
  );
}

const GuestView = () => (
  <div className="grid">
    <CircuitPanel />
    <Card title="For those who run the gateway">
      <p className="empty">
        Sign in with a token that holds the scope <code>portfolio.view</code> or <code>plm.admin</code> to see
        the subgraphs, the plans, the subscriptions and the slow operations.
      </p>
    </Card>
  </div>
);

/** The playground is served in development only. */
function PlaygroundLink() {
  const [isServed, setServed] = useState(false);
  useEffect(() => {
    const look = async () => setServed((await fetch("/playground", { method: "HEAD" })).ok);
    look().catch(() => setServed(false));
  }, []);
  return isServed && <Anchor to="/playground">Open the playground</Anchor>;
}
