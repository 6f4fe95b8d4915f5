import type { GatewayHealthQuery } from "../../../schema/generated/documents.ts";
import type { Live } from "../graphql/live.ts";
import { Fact, Facts } from "../ui/facts.tsx";
import { compact, count, counted } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Shares } from "../ui/shares.tsx";

type Gateway = Live<GatewayHealthQuery>;

export function PlanPanel({ live }: { live: Gateway }) {
  return (
    <Panel title="Query plans" live={live} lines={4}>
      {({ gatewayHealth: { planCache, requests } }) => (
        <>
          <Facts>
            <Fact name="Kept">
              {count(planCache.size)} <span className="soft">of {count(planCache.capacity)}</span>
            </Fact>
            <Fact name="Used again">{compact(planCache.hits)}</Fact>
            <Fact name="Made">{compact(planCache.misses)}</Fact>
          </Facts>
          <h3>How executions were done</h3>
          <Shares
            what="Executions"
            parts={[
              { name: "copied out of the subgraphs' text", count: requests.spliced, tone: "good" },
              { name: "put together from what they gave", count: requests.compiled, tone: "busy" },
            ]}
          />
        </>
      )}
    </Panel>
  );
}

export function SubscriptionsPanel({ live }: { live: Gateway }) {
  return (
    <Panel title="Subscriptions" live={live} lines={4}>
      {({ gatewayHealth: { subscriptions } }) => (
        <>
          <p className="headline small">
            <strong className="number">{count(subscriptions.listeners)}</strong>{" "}
            <span className="soft">by clients, fed by {counted(subscriptions.triggers, "stream")}</span>
          </p>
          <Facts>
            <Fact name="Open WebSockets">{count(subscriptions.sockets)}</Fact>
            <Fact name="Open HTTP streams">{count(subscriptions.httpStreams)}</Fact>
            <Fact name="Events from subgraphs">{compact(subscriptions.eventsIn)}</Fact>
            <Fact name="Events to clients">{compact(subscriptions.eventsOut)}</Fact>
          </Facts>
        </>
      )}
    </Panel>
  );
}
