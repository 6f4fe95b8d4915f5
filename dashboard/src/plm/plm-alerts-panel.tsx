import { useState } from "react";
import { PlmAlertsDocument, type PlmAlertsQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { useMay } from "../graphql/session.tsx";
import { AlertList } from "../project/alert-list.tsx";
import { Panel } from "../ui/panel.tsx";
import { Anchor } from "../ui/router.tsx";
import { AcknowledgeDialog } from "./acknowledge-dialog.tsx";

type Alert = PlmAlertsQuery["firing"][number];

/** Alerts that are not over: those that nobody looks after yet come first. */
export function PlmAlertsPanel() {
  const live = usePolled(PlmAlertsDocument, {}, { everyMs: 5_000 });
  return (
    <Panel
      title="Alerts about the PLM"
      live={live}
      lines={2}
      aside={<Anchor to="/plm-alerts">All of them</Anchor>}
      empty={({ firing, acknowledged }) =>
        firing.length + acknowledged.length === 0 ? "Nothing to worry about." : undefined
      }
    >
      {({ firing, acknowledged }) => <Alerts alerts={[...firing, ...acknowledged]} refresh={live.retry} />}
    </Panel>
  );
}

function Alerts({ alerts, refresh }: { alerts: Alert[]; refresh: () => void }) {
  const [chosen, setChosen] = useState<Alert>();
  const mayAcknowledge = useMay("plm.admin");
  const action = (alert: Alert) =>
    mayAcknowledge &&
    alert.state === "FIRING" && (
      <button type="button" onClick={() => setChosen(alert)}>
        Acknowledge
      </button>
    );
  return (
    <>
      <AlertList alerts={alerts} action={action} />
      {chosen && (
        <AcknowledgeDialog
          alert={chosen}
          onClose={() => {
            setChosen(undefined);
            refresh();
          }}
        />
      )}
    </>
  );
}
