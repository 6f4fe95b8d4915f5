import {
  PlmHealthDocument,
  ReplayUsageMetricsDocument,
  type PlmHealthSubscription,
} from "../../../schema/generated/documents.ts";
import { useLive } from "../graphql/live.ts";
import { useAction } from "../graphql/action.ts";
import { Badge } from "../ui/badge.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { count, plain, seconds } from "../ui/format.ts";
import { Ago } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";

type Outbox = PlmHealthSubscription["plmHealth"]["outbox"];

export function OutboxPanel() {
  const live = useLive(PlmHealthDocument, {});
  const outbox = live.data?.plmHealth.outbox;
  return (
    <Panel title="Usage reports to the PLM" live={live} aside={outbox && <OutboxBadge {...outbox} />}>
      {({ plmHealth }) => <OutboxView outbox={plmHealth.outbox} />}
    </Panel>
  );
}

function OutboxBadge({ deadLetters, fallingBehind }: Outbox) {
  if (deadLetters > 0) return <Badge value="dead letters" tone="bad" />;
  return fallingBehind ? (
    <Badge value="falling behind" tone="warn" />
  ) : (
    <Badge value="keeping up" tone="good" />
  );
}

function OutboxView({ outbox }: { outbox: Outbox }) {
  const { act, isActing } = useAction(ReplayUsageMetricsDocument, {
    done: (reports) => `${count(reports)} reports are sent again.`,
  });
  const { growthPerMinute, oldestSeconds } = outbox;
  return (
    <>
      <p className="headline small">
        <strong className="number">{count(outbox.pending)}</strong> <span className="soft">reports wait</span>
      </p>
      <Facts>
        <Fact name="Oldest waits for">{oldestSeconds === null ? "–" : seconds(oldestSeconds)}</Fact>
        <Fact name="Backlog grows by">
          {growthPerMinute === null ? "–" : `${count(growthPerMinute)} / min`}
        </Fact>
        <Fact name="Given up">{count(outbox.deadLetters)}</Fact>
        <Fact name="Last delivery">
          {outbox.lastDeliveredAt ? <Ago at={outbox.lastDeliveredAt} /> : "never"}
        </Fact>
      </Facts>
      {outbox.lastError && <p className="hint">{plain(outbox.lastError)}</p>}
      {outbox.deadLetters > 0 && (
        <div className="buttons">
          <button type="button" disabled={isActing} onClick={() => void act({})}>
            Send them again
          </button>
        </div>
      )}
    </>
  );
}
