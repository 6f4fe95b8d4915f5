import type { AlertsQuery } from "../../../schema/generated/documents.ts";
import { Badge } from "../ui/badge.tsx";
import { Ago } from "../ui/moment.tsx";
import { Anchor } from "../ui/router.tsx";

type Alert = AlertsQuery["alerts"][number];

interface AlertListProps {
  alerts: readonly Alert[];
  /** Names of the projects by id; with them, each alert says which project it is about. */
  projects?: ReadonlyMap<string, string>;
}

export function AlertList({ alerts, projects }: AlertListProps) {
  return (
    <ul className="rows">
      {alerts.map((alert) => (
        <AlertRow key={alert.id} alert={alert} projects={projects} />
      ))}
    </ul>
  );
}

function AlertRow({ alert, projects }: { alert: Alert; projects: AlertListProps["projects"] }) {
  const projectId = projects && /^project:(.+)$/.exec(alert.subject ?? "")?.[1];
  return (
    <li>
      <span>
        {alert.message}
        <br />
        <span className="soft">
          {projectId && (
            <>
              <Anchor to={`/projects/${encodeURIComponent(projectId)}`}>
                {projects.get(projectId) ?? `Project ${projectId}`}
              </Anchor>
              {" · "}
            </>
          )}
          raised <Ago at={alert.raisedAt} />
        </span>
      </span>
      <Badge value={alert.severity} />
    </li>
  );
}
