import { MigrationGateDocument, type GateCriterionName } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { count, percent } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Anchor } from "../ui/router.tsx";

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
          criteria,
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
          <h3>What it takes</h3>
          <ul className="checklist">
            {criteria.map((criterion) => (
              <li key={criterion.name}>
                <Badge
                  value={criterion.isMet ? "there" : "missing"}
                  tone={criterion.isMet ? "good" : "warn"}
                />
                <span>
                  {criterion.text} <Evidence name={criterion.name} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

/** Where what speaks for a criterion, or against it, is to be seen. */
const EVIDENCE: Readonly<Record<GateCriterionName, readonly [to: string, words: string]>> = {
  COMPARED: ["/admin/plm-health?range=14d", "the mode"],
  SAMPLES: ["/admin/plm-health?range=14d", "fourteen days"],
  SHARE: ["/differences", "the differences"],
  WINDOW: ["/admin/plm-health?range=14d", "fourteen days"],
  CRITICAL_DIFFERENCES: ["/differences?severity=CRITICAL&open=yes", "those differences"],
  FAILED_COMPARISONS: ["/plm-alerts", "the alerts"],
  NEVER_COMPARED: ["/models", "the models"],
};

function Evidence({ name }: { name: GateCriterionName }) {
  const [to, text] = EVIDENCE[name];
  return <Anchor to={to}>{text}</Anchor>;
}
