import type { ReactNode } from "react";
import type { AlertSeverity } from "../../../schema/generated/documents.ts";
import { Badge } from "../ui/badge.tsx";
import { sentence } from "../ui/format.ts";
import { Ago, Moment } from "../ui/moment.tsx";
import { Anchor, projectPath } from "../ui/router.tsx";

interface Alert {
  id: string;
  /** What it is called, like `OVERRUN_LIKELY`. */
  kind?: string;
  severity: AlertSeverity;
  message: string;
  subject: string | null;
  raisedAt: string;
  /** Who looks after it, and since when. */
  acknowledgedBy?: string | null;
  acknowledgedAt?: string | null;
}

interface AlertListProps<T extends Alert> {
  alerts: readonly T[];
  /** Names of the projects by id; with them, each alert says which project it is about. */
  projects?: ReadonlyMap<string, string>;
  /** What can be done about an alert. */
  action?: (alert: T) => ReactNode;
}

export function AlertList<T extends Alert>({ alerts, projects, action }: AlertListProps<T>) {
  return (
    <ul className="rows">
      {alerts.map((alert) => (
        <li key={alert.id}>
          <span>
            {alert.message}
            <br />
            <span className="soft">
              {projects && <ProjectOf alert={alert} projects={projects} />}
              {alert.kind && `${sentence(alert.kind)} · `}
              raised <Ago at={alert.raisedAt} />
              <Acknowledgement {...alert} />
            </span>
          </span>
          <span className="alert-end">
            <Badge value={alert.severity} />
            {action?.(alert)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function ProjectOf({ alert, projects }: { alert: Alert; projects: ReadonlyMap<string, string> }) {
  const id = /^project:(.+)$/.exec(alert.subject ?? "")?.[1];
  if (id === undefined) return null;
  return (
    <>
      <Anchor to={projectPath(id)}>{projects.get(id) ?? `Project ${id}`}</Anchor>
      {" · "}
    </>
  );
}

function Acknowledgement({
  acknowledgedBy,
  acknowledgedAt,
}: Pick<Alert, "acknowledgedBy" | "acknowledgedAt">) {
  if (!acknowledgedBy || !acknowledgedAt) return null;
  return (
    <>
      {" · "}
      {acknowledgedBy} looks after it since <Moment at={acknowledgedAt} />
    </>
  );
}
