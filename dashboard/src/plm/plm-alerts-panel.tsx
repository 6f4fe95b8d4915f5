import { PlmAlertsDocument } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { AlertList } from "../project/alert-list.tsx";
import { Panel } from "../ui/panel.tsx";

export function PlmAlertsPanel() {
  const live = usePolled(PlmAlertsDocument, { state: "FIRING" }, { everyMs: 5_000 });
  return (
    <Panel
      title="Alerts about the PLM"
      live={live}
      lines={2}
      empty={({ plmAlerts }) => (plmAlerts.length === 0 ? "Nothing to worry about." : undefined)}
    >
      {({ plmAlerts }) => <AlertList alerts={plmAlerts} />}
    </Panel>
  );
}
