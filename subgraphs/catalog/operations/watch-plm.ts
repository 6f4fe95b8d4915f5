import type { Clock } from "../../../lib/clock.ts";
import { isCodedError } from "../../../lib/errors.ts";
import { alertSteps, type AlertStep, type Signals } from "../domain/alerts.ts";
import { isMaintenance, type MaintenanceWindow } from "../domain/maintenance.ts";
import { stepDown } from "../domain/modes.ts";
import { statisticsOf, type OrderAttempts, type PlmStatistics } from "../domain/plm-health.ts";
import { PLM_CIRCUIT } from "./circuits.ts";
import type { Circuits, Observations, PlmAlert, PlmAlerts, PlmModes, ShadowDiffs } from "./ports.ts";

/** What watching the PLM needs. */
export interface WatchPorts {
  modes: PlmModes;
  circuits: Pick<Circuits, "snapshot">;
  observations: Observations;
  diffs: Pick<ShadowDiffs, "confirmedCritical">;
  alerts: PlmAlerts;
  clock: Clock;
  /** Whether a rollback trigger steps back by itself. */
  autoRollback: boolean;
  maintenance: readonly MaintenanceWindow[];
  /** Told of every alert that began or ended here. */
  onAlert(alert: PlmAlert): void;
}

const MINUTE_MS = 60_000;
const METRICS = ["call", "latency", "read", "comparison", "issue", "order"] as const;
const LATEST_MINUTES = 15;
const USUAL_MINUTES = 24 * 60;

/** What was counted in the last minutes, over all replicas. */
export async function plmStatistics(
  ports: Pick<WatchPorts, "observations" | "clock">,
  minutes: number,
  notBefore = new Date(0),
): Promise<PlmStatistics> {
  const since = ports.clock.now().getTime() - minutes * MINUTE_MS;
  const from = new Date(Math.max(since, notBefore.getTime()));
  return statisticsOf(await ports.observations.totals(METRICS, from));
}

/** Looks at the PLM once: raises and resolves alerts, and steps back if a trigger fires and that is wanted. */
export async function watchPlm(ports: WatchPorts): Promise<void> {
  const signals = await readSignals(ports);
  const open = new Set((await ports.alerts.open()).map(({ kind }) => kind));
  const steps = alertSteps(signals, open);
  for (const step of steps) await take(ports, step);
  if (!ports.autoRollback) return;
  const trigger = steps.find((step) => step.do === "RAISE" && step.rule.asksForRollback);
  if (trigger?.do === "RAISE") await rollBack(ports, trigger);
}

async function readSignals(ports: WatchPorts): Promise<Signals> {
  const { mode, changedAt } = ports.modes.current();
  const now = ports.clock.now();
  const openedAt = ports.circuits.snapshot(PLM_CIRCUIT)?.openedAt;
  const last15Minutes = await plmStatistics(ports, LATEST_MINUTES, changedAt);
  return {
    mode,
    isMaintenance: isMaintenance(ports.maintenance, now),
    last5Minutes: await plmStatistics(ports, 5),
    last10Minutes: await plmStatistics(ports, 10),
    last15Minutes,
    usualOrders: await ordersBefore(ports),
    circuitOpenMinutes: openedAt ? (now.getTime() - openedAt.getTime()) / MINUTE_MS : 0,
    confirmedCritical: await ports.diffs.confirmedCritical(changedAt),
  };
}

async function ordersBefore(ports: WatchPorts): Promise<OrderAttempts> {
  const ordersOf = async (minutes: number) => (await plmStatistics(ports, minutes)).orders;
  const latest = await ordersOf(LATEST_MINUTES);
  const all = await ordersOf(LATEST_MINUTES + USUAL_MINUTES);
  return { wanted: all.wanted - latest.wanted, refused: all.refused - latest.refused };
}

async function take(ports: WatchPorts, step: AlertStep): Promise<void> {
  const { kind, severity, threshold } = step.rule;
  const at = ports.clock.now();
  const alert =
    step.do === "RESOLVE"
      ? await ports.alerts.resolve(kind, at)
      : await ports.alerts.raise({
          kind,
          severity,
          threshold,
          message: step.message,
          subject: "plm",
          value: step.value,
          raisedAt: at,
        });
  if (alert) ports.onAlert(alert);
}

/** One replica is first; for the others the mode has changed by then, which is what they wanted. */
async function rollBack(ports: WatchPorts, trigger: Extract<AlertStep, { do: "RAISE" }>): Promise<void> {
  const current = ports.modes.current();
  try {
    await ports.modes.change({
      mode: stepDown(current.mode),
      models: [],
      cause: "AUTOMATIC",
      reason: `${trigger.rule.kind}: ${trigger.message}`,
      changedBy: "automatic rollback",
      correlationId: trigger.rule.kind,
      expectedVersion: current.version,
    });
  } catch (error) {
    if (!isCodedError(error) || error.code !== "CONFLICT") throw error;
  }
}
