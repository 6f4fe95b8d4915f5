import {
  SubgraphHealthDocument,
  type SubgraphHealthSubscription,
} from "../../../schema/generated/documents.ts";
import { useMemo } from "react";
import { circuitMarks } from "../time/circuit-marks.ts";
import { LazyChart } from "../time/lazy-chart.tsx";
import type { TimeView } from "../time/time-range.ts";
import { subgraphChart, type GatewayHistory } from "./gateway-charts.ts";
import { useLive } from "../graphql/live.ts";
import { CircuitChanges, CircuitFacts } from "../plm/circuit-facts.tsx";
import { Badge } from "../ui/badge.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { count, milliseconds, plain } from "../ui/format.ts";
import { Ago } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";

type Subgraph = SubgraphHealthSubscription["subgraphHealth"];

interface SubgraphPanelProps {
  name: string;
  history: GatewayHistory | undefined;
  zoom: TimeView["zoom"];
}

/** One subgraph as the gateway finds it, with the circuit that guards it. */
export function SubgraphPanel({ name, history, zoom }: SubgraphPanelProps) {
  const live = useLive(SubgraphHealthDocument, { name });
  const subgraph = live.data?.subgraphHealth;
  return (
    <Panel
      title={`Subgraph ${name}`}
      live={live}
      lines={6}
      aside={subgraph && <Badge value={subgraph.circuitBreaker.state} />}
    >
      {({ subgraphHealth }) => (
        <>
          <Subgraph subgraph={subgraphHealth} />
          {history && <Answers subgraph={subgraphHealth} history={history} zoom={zoom} />}
        </>
      )}
    </Panel>
  );
}

function Subgraph({ subgraph }: { subgraph: Subgraph }) {
  const { latencyP95Ms, lastAnswerAt, lastError, circuitBreaker } = subgraph;
  return (
    <>
      <p className="headline small">
        <strong>{headlineOf(subgraph)}</strong>
      </p>
      {lastError && <p className="hint">Last failure: {plain(lastError)}</p>}
      <Facts>
        <Fact name="95 % answer within">{latencyP95Ms === null ? "–" : milliseconds(latencyP95Ms)}</Fact>
        <Fact name="Calls under way">{count(subgraph.callsInFlight)}</Fact>
        <Fact name="Calls not answered">{count(subgraph.failures)}</Fact>
        <Fact name="Last answer">{lastAnswerAt ? <Ago at={lastAnswerAt} /> : "never"}</Fact>
      </Facts>
      <CircuitFacts circuit={circuitBreaker} />
      <CircuitChanges transitions={circuitBreaker.transitions} />
    </>
  );
}

function Answers({
  subgraph,
  history,
  zoom,
}: {
  subgraph: Subgraph;
  history: GatewayHistory;
  zoom: TimeView["zoom"];
}) {
  const { name, circuitBreaker } = subgraph;
  const chart = useMemo(() => {
    const marks = circuitMarks({
      ...history,
      stateNow: circuitBreaker.state,
      changes: circuitBreaker.transitions,
    });
    return subgraphChart(history, name, marks);
  }, [history, name, circuitBreaker]);
  return (
    <LazyChart
      chart={chart}
      format={milliseconds}
      heightPx={130}
      file={`subgraph-${name}`}
      label={`Time that ${name} took to answer`}
      onZoom={zoom}
    />
  );
}

function headlineOf({ reachable, circuitBreaker, lastAnswerAt }: Subgraph): string {
  if (circuitBreaker.state === "OPEN") return "Left alone until the next probe.";
  if (circuitBreaker.state === "ISOLATED") return "Held open by a person.";
  if (reachable) return "It answers.";
  return lastAnswerAt === null ? "Not asked yet." : "It does not answer.";
}
