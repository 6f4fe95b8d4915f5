import type { GatewayHealthQuery } from "../../../schema/generated/documents.ts";
import type { Live } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { Fact, Facts, Figure } from "../ui/facts.tsx";
import { count, counted, percent } from "../ui/format.ts";
import { Moment } from "../ui/moment.tsx";
import { totalOf, type GatewayHistory } from "./gateway-charts.ts";
import { Panel } from "../ui/panel.tsx";

type Gateway = GatewayHealthQuery["gatewayHealth"];

const isWell = ({ subgraphs, supergraph }: Gateway) =>
  supergraph.lastError === null && subgraphs.every(({ circuitBreaker }) => circuitBreaker.state === "CLOSED");

interface OverviewProps {
  live: Live<GatewayHealthQuery>;
  /** What it did in the range that is looked at; undefined until it is known. */
  history: GatewayHistory | undefined;
}

/** Whether all is well with the gateway, and what it has done in the range that is looked at. */
export function OverviewPanel({ live, history }: OverviewProps) {
  const gateway = live.data?.gatewayHealth;
  return (
    <Panel
      title="The gateway right now"
      live={live}
      className="wide"
      lines={5}
      aside={gateway && <Badge value={isWell(gateway) ? "HEALTHY" : "DEGRADED"} />}
    >
      {({ gatewayHealth }) => <Overview gateway={gatewayHealth} history={history} />}
    </Panel>
  );
}

const share = (part: number, whole: number): string => (whole === 0 ? "–" : percent(part / whole));

function Overview({ gateway, history }: { gateway: Gateway; history: GatewayHistory | undefined }) {
  const { subgraphs, subscriptions, planCache, supergraph } = gateway;
  const open = subgraphs.filter(({ circuitBreaker }) => circuitBreaker.state !== "CLOSED").length;
  const operations = history && totalOf(history, (point) => point.operations);
  const failed = history && totalOf(history, (point) => point.failed);
  return (
    <>
      <div className="figures">
        <Figure label="Subgraphs in use" note={open === 0 ? "every circuit is closed" : "see below"}>
          {subgraphs.length - open} of {subgraphs.length}
        </Figure>
        <Figure label="Operations" note="in the range above">
          {operations === undefined ? "–" : count(operations)}
        </Figure>
        <Figure label="Answered with errors" note={failed === undefined ? "" : `${count(failed)} of them`}>
          {share(failed ?? 0, operations ?? 0)}
        </Figure>
        <Figure
          label="Live subscriptions"
          note={`fed by ${counted(subscriptions.triggers, "stream")} of subgraphs`}
        >
          {count(subscriptions.listeners)}
        </Figure>
        <Figure label="Plans used again" note={`${count(planCache.misses)} had to be made`}>
          {share(planCache.hits, planCache.hits + planCache.misses)}
        </Figure>
      </div>
      {supergraph.lastError !== null && (
        <p className="problem" role="alert">
          The supergraph on disk cannot be loaded, the last good one is served: {supergraph.lastError}
        </p>
      )}
      <Facts>
        <Fact name="Supergraph" hint="Short hash of its text">
          <code>{supergraph.id}</code>
        </Fact>
        <Fact name="In force since">
          <Moment at={supergraph.loadedAt} withDate />
        </Fact>
        <Fact name="Replica">
          <code>{gateway.instance.slice(0, 8)}</code>
        </Fact>
        <Fact name="Started">
          <Moment at={gateway.startedAt} withDate />
        </Fact>
      </Facts>
    </>
  );
}
