import { PlmHealthDocument, type PlmHealthSubscription } from "../../../schema/generated/documents.ts";
import { useLive } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { Fact, Facts, Figure } from "../ui/facts.tsx";
import { count, milliseconds, percent, seconds } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";

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

const known = (value: number | null, format: (value: number) => string): string =>
  value === null ? "–" : format(value);

function Health({ health }: { health: Health }) {
  const { windowMinutes, calls, failures } = health;
  return (
    <>
      <div className="figures">
        <Figure
          label="95 % answer within"
          note={`half within ${known(health.p50Ms, milliseconds)}, 99 % within ${known(health.p99Ms, milliseconds)}`}
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
      <Sources health={health} />
      <Facts>
        <Fact name="Compared with the MRP">{count(health.comparisons)} times</Fact>
        <Fact name="Different" hint="What it is at most, at 95 % confidence">
          {known(health.diffRate, percent)}{" "}
          <span className="soft">at most {percent(health.diffRateAtMost)}</span>
        </Fact>
        <Fact name="Reports by people">{count(health.issues)}</Fact>
      </Facts>
    </>
  );
}

/** Where the readings of the window came from, as one bar. */
function Sources({ health }: { health: Health }) {
  const parts = [
    { name: "PLM", reads: health.readsFromPlm, tone: "good" },
    { name: "copy", reads: health.readsFromCache, tone: "busy" },
    { name: "old copy", reads: health.readsFromStale, tone: "warn" },
    { name: "MRP", reads: health.readsFromMrp, tone: "idle" },
  ].filter(({ reads }) => reads > 0);
  if (parts.length === 0) return null;
  const label = parts.map(({ name, reads }) => `${name} ${count(reads)}`).join(", ");
  return (
    <div role="img" aria-label={`Readings by source: ${label}`}>
      <div className="sources">
        {parts.map(({ name, reads, tone }) => (
          <span key={name} className={tone} style={{ flexGrow: reads }} />
        ))}
      </div>
      <p className="legend-line" aria-hidden="true">
        {parts.map(({ name, reads, tone }) => (
          <span key={name} className={`source-key ${tone}`}>
            {name} {count(reads)}
          </span>
        ))}
      </p>
    </div>
  );
}
