import {
  CircuitBreakerDocument,
  type CircuitBreakerSubscription,
} from "../../../schema/generated/documents.ts";
import { useLive } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { words } from "../ui/format.ts";
import { Countdown, Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
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
  const { state, failuresInWindow, threshold, windowSeconds, nextProbeAt, openedAt, cause } = circuit;
  return (
    <>
      <p className="headline small">
        <strong>{MEANING[state]}</strong>
      </p>
      {cause && <p className="hint">{cause}</p>}
      <Facts>
        <Fact name="Failures that count">
          {failuresInWindow} of {threshold} in {windowSeconds} s
        </Fact>
        {openedAt && (
          <Fact name="Since">
            <Moment at={openedAt} />
          </Fact>
        )}
        {nextProbeAt && (
          <Fact name="Next probe">
            <Countdown to={nextProbeAt} />
          </Fact>
        )}
      </Facts>
      <CircuitSwitch name={circuit.name} isIsolated={state === "ISOLATED"} />
      <h3>Changes</h3>
      <ol className="rows compact">
        {circuit.transitions.map(({ from, to, at, cause }) => (
          <li key={`${at} ${to}`}>
            <span title={cause ?? undefined}>
              {words(from)} → {words(to)}
            </span>
            <span className="soft">
              <Moment at={at} />
            </span>
          </li>
        ))}
        {circuit.transitions.length === 0 && (
          <li className="soft">None: the circuit has always been closed.</li>
        )}
      </ol>
    </>
  );
}
