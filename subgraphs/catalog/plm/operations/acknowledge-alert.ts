import type { Clock } from "../../../../lib/clock.ts";
import { CodedError, notFound } from "../../../../lib/errors.ts";
import type { Asker } from "./modes.ts";
import type { PlmAlerts } from "../ports.ts";
import type { PlmAlert } from "./ports.ts";
import { checkReason } from "../../audit/operations/attempts.ts";

interface AcknowledgePorts {
  alerts: Pick<PlmAlerts, "acknowledge" | "byId">;
  /** Tells every replica of the alert. */
  tellAlert: (alert: PlmAlert) => void;
  clock: Clock;
}

/**
 * Says that the caller looks after an alert: it stays open, acknowledged, until what it is about is over.
 *
 * @throws CodedError NOT_FOUND, CONFLICT when it is over already, BAD_USER_INPUT for an endless note
 */
export async function acknowledgePlmAlert(
  ports: AcknowledgePorts,
  { id, note }: { id: string; note?: string | null | undefined },
  { subject }: Pick<Asker, "subject">,
): Promise<PlmAlert> {
  checkReason("note", note ?? undefined);
  const alert = await ports.alerts.acknowledge(id, { subject, at: ports.clock.now() });
  if (!alert) throw await refusal(ports, id);
  ports.tellAlert(alert);
  return alert;
}

async function refusal({ alerts }: AcknowledgePorts, id: string): Promise<CodedError> {
  const known = await alerts.byId(id);
  return known
    ? new CodedError("CONFLICT", `The alert ${known.kind} is over already`)
    : notFound("Alert", id);
}
