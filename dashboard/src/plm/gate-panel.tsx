import { MigrationGateDocument } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { count, percent } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";

const PHASES = {
  ENABLE: { step: "From shadow to enabled", failure: "differed" },
  RETIRE_MRP: { step: "Retiring the MRP's product tables", failure: "were stood in for" },
} as const;

/** Whether the next step may be taken, with the evidence for the answer. */
export function GatePanel() {
  const live = usePolled(MigrationGateDocument, {}, { everyMs: 15_000 });
  const gate = live.data?.migrationGate;
  return (
    <Panel
      title="Migration gate"
      live={live}
      lines={5}
      aside={
        gate && <Badge value={gate.isMet ? "may be taken" : "not yet"} tone={gate.isMet ? "good" : "warn"} />
      }
    >
      {({
        migrationGate: {
          phase,
          samples,
          samplesNeeded,
          failures,
          shareAtMost,
          shareAllowed,
          windowDays,
          blocking,
        },
      }) => (
        <>
          <p className="headline small">
            <strong>{PHASES[phase].step}</strong>
          </p>
          <progress max={samplesNeeded} value={Math.min(samples, samplesNeeded)} aria-label="Samples" />
          <Facts>
            <Fact name={`Samples in ${windowDays} days`}>
              {count(samples)} of {count(samplesNeeded)}
            </Fact>
            <Fact name={`Of them ${PHASES[phase].failure}`}>{count(failures)}</Fact>
            <Fact name="At most (95 % sure)" hint="The upper bound at 95 % confidence">
              {percent(shareAtMost)} <span className="soft">must be below {percent(shareAllowed)}</span>
            </Fact>
          </Facts>
          {blocking.length > 0 && (
            <>
              <h3>In the way</h3>
              <ul className="plain">
                {blocking.map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </Panel>
  );
}
