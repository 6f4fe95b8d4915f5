import { useEffect, useState } from "react";
import { GatewayHealthDocument } from "../../../schema/generated/documents.ts";
import { PlanPanel, SubscriptionsPanel } from "../gateway/load-panels.tsx";
import { OverviewPanel } from "../gateway/overview-panel.tsx";
import { SlowOperationsPanel } from "../gateway/slow-operations-panel.tsx";
import { SubgraphPanel } from "../gateway/subgraph-panel.tsx";
import { usePolled } from "../graphql/live.ts";
import { useSession } from "../graphql/session.tsx";
import { CircuitPanel } from "../plm/circuit-panel.tsx";
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

function Gateway() {
  const live = usePolled(GatewayHealthDocument, {}, { everyMs: 5_000 });
  const names = live.data?.gatewayHealth.subgraphs.map(({ name }) => name) ?? [];
  return (
    <div className="grid">
      <OverviewPanel live={live} />
      {names.map((name) => (
        <SubgraphPanel key={name} name={name} />
      ))}
      <CircuitPanel />
      <div className="stack">
        <PlanPanel live={live} />
        <SubscriptionsPanel live={live} />
      </div>
      <SlowOperationsPanel live={live} />
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
