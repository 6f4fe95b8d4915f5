import {
  CircuitBreakerDocument,
  type CircuitBreakerSubscription,
} from "../../../schema/generated/documents.ts";
import { useLive } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { plain } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { CircuitChanges, CircuitFacts } from "./circuit-facts.tsx";
import { CircuitSwitch } from "./circuit-switch.tsx";

type Circuit = CircuitBreakerSubscription["circuitBreaker"];

const MEANING: Readonly<Record<Circuit["state"], string>> = {
  CLOSED: "The PLM answers.",
  OPEN: "The PLM is left alone; copies and the MRP answer.",
  HALF_OPEN: "Trying whether the PLM is back.",
  ISOLATED: "Held open by a person; copies and the MRP answer.",
};

export function CircuitPanel() {
  const live = useLive(CircuitBreakerDocument, {});
  const state = live.data?.circuitBreaker.state;
  return (
    <Panel title="Circuit to the PLM" live={live} lines={6} aside={state && <Badge value={state} />}>
      {({ circuitBreaker }) => <Circuit circuit={circuitBreaker} />}
    </Panel>
  );
}

function Circuit({ circuit }: { circuit: Circuit }) {
  const { state, cause } = circuit;
  return (
    <>
      <p className="headline small">
        <strong>{MEANING[state]}</strong>
      </p>
      {cause && <p className="hint">{plain(cause)}</p>}
      <CircuitFacts circuit={circuit} />
      <CircuitSwitch name={circuit.name} isIsolated={state === "ISOLATED"} />
      <CircuitChanges transitions={circuit.transitions} />
    </>
  );
}
