import type { AlertsQuery } from "../../../schema/generated/documents.ts";
import { Badge } from "../ui/badge.tsx";
import { Ago } from "../ui/moment.tsx";
import { Anchor } from "../ui/router.tsx";

type Alert = AlertsQuery["alerts"][number];

export function AlertList({ alerts, withLinks }: { alerts: readonly Alert[]; withLinks: boolean }) {
  return (
    <ul className="rows">
      {alerts.map((alert) => (
        <AlertRow key={alert.id} alert={alert} withLink={withLinks} />
      ))}
    </ul>
  );
}

function AlertRow({ alert, withLink }: { alert: Alert; withLink: boolean }) {
  const subject = /^project:(.+)$/.exec(alert.subject ?? "")?.[1];
  return (
    <li>
      <span>
        {alert.message}
        <br />
        <span className="soft">
          raised <Ago at={alert.raisedAt} />
          {withLink && subject && (
            <>
              {" · "}
              <Anchor to={`/projects/${encodeURIComponent(subject)}`}>to the project</Anchor>
            </>
          )}
        </span>
      </span>
      <Badge value={alert.severity} />
    </li>
  );
}
