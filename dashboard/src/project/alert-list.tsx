import type { ReactNode } from "react";
import type { AlertSeverity } from "../../../schema/generated/documents.ts";
import { Badge } from "../ui/badge.tsx";
import { kindOfAlert, minutes } from "../ui/format.ts";
import { Ago, Moment } from "../ui/moment.tsx";
import { Anchor, projectPath } from "../ui/router.tsx";

interface Alert {
  id: string;
  /** What it is called, like `OVERRUN_LIKELY`. */
  kind?: string;
  severity: AlertSeverity;
  message: string;
  raisedAt: string;
  /** When it was over; absent while it is not. */
  resolvedAt?: string | null;
  /** What it is about, where that is not what the page is about. */
  project?: { id: string; name: string };
  /** Who looks after it, and since when. */
  acknowledgedBy?: string | null;
  acknowledgedAt?: string | null;
}

interface AlertListProps<T extends Alert> {
  alerts: readonly T[];
  /** What can be done about an alert. */
  action?: (alert: T) => ReactNode;
}

export function AlertList<T extends Alert>({ alerts, action }: AlertListProps<T>) {
  return (
    <ul className="rows">
      {alerts.map((alert) => (
        <li key={alert.id}>
          <span>
            {alert.message}
            <br />
            <span className="soft">
              {alert.project && (
                <>
                  <Anchor to={projectPath(alert.project.id)}>{alert.project.name}</Anchor>
                  {" · "}
                </>
              )}
              {alert.kind && `${kindOfAlert(alert.kind)} · `}
              <Age {...alert} />
              <Acknowledgement {...alert} />
            </span>
          </span>
          <span className="alert-end">
            {alert.resolvedAt ? <Badge value="resolved" tone="good" /> : <Badge value={alert.severity} />}
            {action?.(alert)}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** How long it has gone on, or went on. */
function Age({ raisedAt, resolvedAt }: Pick<Alert, "raisedAt" | "resolvedAt">) {
  if (!resolvedAt)
    return (
      <>
        raised <Ago at={raisedAt} />
      </>
    );
  const minutesLong = (new Date(resolvedAt).getTime() - new Date(raisedAt).getTime()) / 60_000;
  return (
    <>
      lasted {minutes(minutesLong)}, over <Ago at={resolvedAt} />
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
