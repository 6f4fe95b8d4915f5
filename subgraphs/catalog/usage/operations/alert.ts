import type { Clock } from "../../../../lib/clock.ts";
import { backlogAlert, WAIT_MAX_SECONDS } from "../domain/backlog.ts";
import type { PlmAlerts } from "../../plm/ports.ts";
import type { PlmAlert } from "../../plm/operations/ports.ts";
import type { UsageMonitor } from "./status.ts";

export interface UsageAlertPorts {
  monitor: UsageMonitor;
  alerts: Pick<PlmAlerts, "open" | "raise" | "resolve">;
  clock: Clock;
  /** Whether the PLM may be asked at all just now. */
  isOn: () => boolean;
  /** Told of every alert that began or ended here. */
  onAlert: (alert: PlmAlert) => void;
}

const KIND = "USAGE_BACKLOG";

/** Looks at the backlog once: raises or resolves the alert that the PLM falls behind. */
export async function watchBacklog(ports: UsageAlertPorts): Promise<void> {
  const { monitor, alerts, clock } = ports;
  await monitor.sample();
  const { pending, oldestSeconds, growthPerMinute } = await monitor.status();
  const isFiring = (await alerts.open()).some(({ kind }) => kind === KIND);
  const step = backlogAlert({ growthPerMinute, oldestSeconds }, { isOn: ports.isOn(), isFiring });
  if (step === "keep") return;
  const alert =
    step === "resolve"
      ? await alerts.resolve(KIND, clock.now())
      : await alerts.raise({
          kind: KIND,
          severity: "WARNING",
          message: `${pending} usage events wait for the PLM, and it takes them more slowly than they come`,
          subject: "plm",
          raisedAt: clock.now(),
          value: oldestSeconds,
          threshold: WAIT_MAX_SECONDS,
        });
  if (alert) ports.onAlert(alert);
}
