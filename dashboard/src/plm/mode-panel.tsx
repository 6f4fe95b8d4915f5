import { useState } from "react";
import { PlmModeDocument, type PlmModeSubscription } from "../../../schema/generated/documents.ts";
import { useLive } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { percent, seconds, words } from "../ui/format.ts";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { ModeDialog, RollbackDialog } from "./mode-dialog.tsx";

type Config = PlmModeSubscription["plmModeChanged"];

export function ModePanel() {
  const live = useLive(PlmModeDocument, {});
  const mode = live.data?.plmModeChanged.mode;
  return (
    <Panel title="Mode" live={live} lines={6} aside={mode && <Badge value={mode} />}>
      {({ plmModeChanged }) => <Mode config={plmModeChanged} />}
    </Panel>
  );
}

function Mode({ config }: { config: Config }) {
  const [dialog, setDialog] = useState<"change" | "rollback">();
  const close = () => setDialog(undefined);
  return (
    <>
      <p className="headline small">
        <strong>
          {config.enabledForModels.length === 0 ? "For all models" : config.enabledForModels.join(", ")}
        </strong>{" "}
        <span className="soft">{config.reason}</span>
      </p>
      <Facts>
        <Fact name="Copies are fresh for">
          {config.cacheEnabled ? seconds(config.cacheTtlSeconds) : "no cache"}
        </Fact>
        <Fact name="Old copies serve for">{seconds(config.cacheStaleSeconds)}</Fact>
        <Fact name="MRP stands in">{config.fallbackEnabled ? "yes" : "no"}</Fact>
        <Fact name="Compared in shadow">{percent(config.shadowSampleRate)}</Fact>
        <Fact name="Rolls back by itself">{config.autoRollback ? "yes" : "no"}</Fact>
      </Facts>
      <div className="buttons">
        <button type="button" onClick={() => setDialog("change")}>
          Change mode
        </button>
        <button
          type="button"
          className="danger"
          disabled={config.mode === "DISABLED"}
          onClick={() => setDialog("rollback")}
        >
          Roll back
        </button>
      </div>
      <h3>History</h3>
      <ol className="rows compact">
        {config.changes.map((change) => (
          <li key={change.version}>
            <span title={change.reason}>
              {change.from && `${words(change.from)} → `}
              {words(change.to)} <span className="soft">by {change.changedBy}</span>
            </span>
            <span className="soft">
              <Moment at={change.changedAt} withDate />
            </span>
          </li>
        ))}
      </ol>
      {dialog === "change" && <ModeDialog config={config} onClose={close} />}
      {dialog === "rollback" && <RollbackDialog mode={config.mode} onClose={close} />}
    </>
  );
}
