import type { CircuitState } from "../../../schema/generated/documents.ts";
import { Fact, Facts } from "../ui/facts.tsx";
import { plain, words } from "../ui/format.ts";
import { Countdown, Moment } from "../ui/moment.tsx";

interface Circuit {
  state: CircuitState;
  failuresInWindow: number;
  threshold: number;
  windowSeconds: number;
  openedAt: string | null;
  nextProbeAt: string | null;
}

interface Transition {
  from: CircuitState;
  to: CircuitState;
  at: string;
  cause: string | null;
}

/** How near a circuit is to opening; once it is open, since when and until when. */
export function CircuitFacts({ circuit }: { circuit: Circuit }) {
  const { state, failuresInWindow, threshold, windowSeconds, nextProbeAt, openedAt } = circuit;
  return (
    <Facts>
      {state === "CLOSED" && (
        <Fact name="Failures that count" hint="The circuit opens when this many are reached">
          {failuresInWindow} of {threshold} in {windowSeconds} s
        </Fact>
      )}
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
  );
}

export function CircuitChanges({ transitions }: { transitions: readonly Transition[] }) {
  return (
    <>
      <h3>Changes of the circuit</h3>
      <ol className="rows compact">
        {transitions.map(({ from, to, at, cause }) => (
          <li key={`${at} ${to}`}>
            <span title={cause ? plain(cause) : undefined}>
              {words(from)} → {words(to)}
            </span>
            <span className="soft">
              <Moment at={at} />
            </span>
          </li>
        ))}
        {transitions.length === 0 && <li className="soft">None: it has always been closed.</li>}
      </ol>
    </>
  );
}
