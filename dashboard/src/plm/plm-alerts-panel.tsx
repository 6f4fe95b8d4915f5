import { PlmAlertsDocument, type PlmAlertsQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { AlertList } from "../project/alert-list.tsx";
import { Panel } from "../ui/panel.tsx";
import { Anchor } from "../ui/router.tsx";
import { useAcknowledge } from "./acknowledge.tsx";

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
  const { button, dialog } = useAcknowledge(refresh);
  return (
    <>
      <AlertList alerts={alerts} action={button} />
      {dialog}
    </>
  );
}
