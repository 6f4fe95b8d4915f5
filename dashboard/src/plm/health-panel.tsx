import { PlmHealthDocument, type PlmHealthSubscription } from "../../../schema/generated/documents.ts";
import { useLive } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { Fact, Facts, Figure } from "../ui/facts.tsx";
import { count, milliseconds, percent, seconds } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Shares } from "../ui/shares.tsx";

type Health = PlmHealthSubscription["plmHealth"];

export function HealthPanel() {
  const live = useLive(PlmHealthDocument, {});
  const status = live.data?.plmHealth.status;
  return (
    <Panel
      title="The PLM right now"
      live={live}
      lines={5}
      className="wide"
      aside={status && <Badge value={status} />}
    >
      {({ plmHealth }) => <Health health={plmHealth} />}
    </Panel>
  );
}

const MEANING: Readonly<Record<Health["status"], string>> = {
  HEALTHY: "The PLM answers as it should.",
  DEGRADED: "The PLM answers, but slowly or with errors.",
  DOWN: "The PLM does not answer; copies and the MRP do.",
  DISABLED: "The PLM is not asked; the MRP answers.",
};

const known = (value: number | null, format: (value: number) => string): string =>
  value === null ? "–" : format(value);

function Health({ health }: { health: Health }) {
  const { windowMinutes, calls, failures } = health;
  return (
    <>
      <p className="headline small">
        <strong>{MEANING[health.status]}</strong>
      </p>
      <div className="figures">
        <Figure
          label="95 % answer within"
          note={`half in ${known(health.p50Ms, milliseconds)}, 99 % in ${known(health.p99Ms, milliseconds)}`}
        >
          {known(health.p95Ms, milliseconds)}
        </Figure>
        <Figure
          label="Calls that failed"
          note={`${count(failures)} of ${count(calls)} in ${windowMinutes} min`}
        >
          {known(health.errorRate, percent)}
        </Figure>
        <Figure label="Answered by the cache" note={`of ${count(health.reads)} readings`}>
          {known(health.hitRatio, percent)}
        </Figure>
        <Figure label="Stood in for the PLM" note="old copies and the MRP">
          {known(health.fallbackRate, percent)}
        </Figure>
        <Figure label="Age of the copy">{known(health.stalenessSeconds, seconds)}</Figure>
      </div>
      <Shares
        what="Readings by source"
        parts={[
          { name: "PLM", count: health.readsFromPlm, tone: "good" },
          { name: "copy", count: health.readsFromCache, tone: "busy" },
          { name: "old copy", count: health.readsFromStale, tone: "warn" },
          { name: "MRP", count: health.readsFromMrp, tone: "idle" },
        ]}
      />
      <Facts>
        <Fact name="Compared with the MRP">{count(health.comparisons)} times</Fact>
        <Fact name="Different" hint="What it is at most, at 95 % confidence">
          {known(health.diffRate, percent)}{" "}
          {health.diffRate !== null && <span className="soft">at most {percent(health.diffRateAtMost)}</span>}
        </Fact>
        <Fact name="Reports by people">{count(health.issues)}</Fact>
      </Facts>
    </>
  );
}
