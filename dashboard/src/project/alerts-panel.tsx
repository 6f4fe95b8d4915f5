import {
  AlertsDocument,
  ProjectNamesDocument,
  type AlertsQuery,
} from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Panel } from "../ui/panel.tsx";
import { AlertList } from "./alert-list.tsx";

/** Thresholds that are crossed right now, of one project or of all. */
export function AlertsPanel({ projectId }: { projectId?: string }) {
  const live = usePolled(AlertsDocument, { state: "FIRING" }, { everyMs: 5_000 });
  const { data: named } = usePolled(
    ProjectNamesDocument,
    {},
    { everyMs: 60_000, pause: projectId !== undefined },
  );
  const names = new Map(named?.projects.edges.map(({ node }) => [node.id, node.name]));
  const concerning = ({ alerts }: AlertsQuery) =>
    projectId === undefined ? alerts : alerts.filter(({ subject }) => subject === `project:${projectId}`);
  return (
    <Panel
      title="Alerts"
      live={live}
      lines={2}
      empty={(data) => (concerning(data).length === 0 ? "Nothing to worry about." : undefined)}
    >
      {(data) => (
        <AlertList alerts={concerning(data)} {...(projectId === undefined && { projects: names })} />
      )}
    </Panel>
  );
}
