import type { Clock } from "../../../../lib/clock.ts";
import { isCodedError } from "../../../../lib/errors.ts";
import type { AlertThresholds } from "../domain/alert-thresholds.ts";
import { type AlertStep, type Signals, alertSteps } from "../domain/alerts.ts";
import { type MaintenanceWindow, isMaintenance } from "../domain/maintenance.ts";
import { stepDown } from "../../products/domain/modes.ts";
import { type OrderAttempts, type PlmStatistics, statisticsOf } from "../domain/health.ts";
import { PLM_CIRCUIT } from "./circuits.ts";
import type { Circuits, PlmModes } from "../../products/operations/ports.ts";
import type { Observations, PlmAlerts, ShadowDiffs } from "../ports.ts";
import type { PlmAlert } from "./ports.ts";
import type { PlmLeftovers } from "../../products/ports.ts";

/** What watching the PLM needs. */
export interface WatchPorts {
  modes: PlmModes;
  circuits: Pick<Circuits, "snapshot">;
  observations: Observations;
  diffs: Pick<ShadowDiffs, "confirmedCritical">;
  alerts: PlmAlerts;
  leftovers: Pick<PlmLeftovers, "counts">;
  thresholds: AlertThresholds;
  clock: Clock;
  /** Whether a rollback trigger steps back by itself. */
  autoRollback: boolean;
  maintenance: readonly MaintenanceWindow[];
  /** Told of every alert that began or ended here. */
  onAlert(alert: PlmAlert): void;
}

const MINUTE_MS = 60_000;
const METRICS = ["call", "latency", "read", "comparison", "issue", "order"] as const;
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
  const steps = alertSteps(signals, open, ports.thresholds);
  for (const step of steps) await take(ports, step);
  if (!ports.autoRollback) return;
  const trigger = steps.find((step) => step.do === "RAISE" && step.rule.asksForRollback);
  if (trigger?.do === "RAISE") await rollBack(ports, trigger);
}

async function readSignals(ports: WatchPorts): Promise<Signals> {
  const { mode, changedAt } = ports.modes.current();
  const now = ports.clock.now();
  const openedAt = ports.circuits.snapshot(PLM_CIRCUIT)?.openedAt;
  const latest = ports.thresholds.rollbackMinutes;
  const last15Minutes = await plmStatistics(ports, latest, changedAt);
  return {
    mode,
    isMaintenance: isMaintenance(ports.maintenance, now),
    last5Minutes: await plmStatistics(ports, 5),
    last10Minutes: await plmStatistics(ports, 10),
    last15Minutes,
    observedMinutes: await observedMinutes(ports, latest, changedAt),
    ...(await silence(ports, changedAt)),
    rejectedRecords: (await ports.leftovers.counts()).rejected,
    usualOrders: await ordersBefore(ports),
    circuitOpenMinutes: openedAt ? (now.getTime() - openedAt.getTime()) / MINUTE_MS : 0,
    confirmedCritical: await ports.diffs.confirmedCritical(changedAt),
  };
}

/** How much of the latest minutes was observed, by the first call in them. */
async function observedMinutes(ports: WatchPorts, minutes: number, notBefore: Date): Promise<number> {
  const now = ports.clock.now().getTime();
  const from = new Date(Math.max(now - minutes * MINUTE_MS, notBefore.getTime()));
  const calls = await ports.observations.totals(["call"], from);
  const first = Math.min(now, ...calls.map((total) => total.first.getTime()));
  return (now - first) / MINUTE_MS;
}

const LONGEST_SILENCE_MS = 24 * 60 * MINUTE_MS;

/** Without a failure for so long, it is not known whether the PLM is still away. */
const HEARD_OF_MINUTES = 5;

/** How long the PLM has failed without an answer between, and how many calls have failed since. */
async function silence(
  { observations, clock }: WatchPorts,
  modeChangedAt: Date,
): Promise<Pick<Signals, "silentMinutes" | "failuresSinceSuccess">> {
  const now = clock.now().getTime();
  const lastSuccess = await observations.latest("call", "OK");
  // Counted by minutes: what failed in the minute of the last success is not held against the PLM.
  const after = lastSuccess === undefined ? 0 : lastSuccess.getTime() + 2 * MINUTE_MS - 1;
  const since = new Date(Math.max(now - LONGEST_SILENCE_MS, modeChangedAt.getTime(), after));
  const failuresSince = async (from: Date) =>
    (await observations.totals(["call"], from)).filter(({ label }) => label !== "OK");
  const failures = await failuresSince(since);
  const latest = await failuresSince(new Date(Math.max(since.getTime(), now - HEARD_OF_MINUTES * MINUTE_MS)));
  if (latest.length === 0) return { silentMinutes: 0, failuresSinceSuccess: 0 };
  const first = Math.min(now, ...failures.map((total) => total.first.getTime()));
  return {
    silentMinutes: (now - first) / MINUTE_MS,
    failuresSinceSuccess: failures.reduce((sum, { count }) => sum + count, 0),
  };
}

async function ordersBefore(ports: WatchPorts): Promise<OrderAttempts> {
  const latestMinutes = ports.thresholds.rollbackMinutes;
  const ordersOf = async (minutes: number) => (await plmStatistics(ports, minutes)).orders;
  const latest = await ordersOf(latestMinutes);
  const all = await ordersOf(latestMinutes + USUAL_MINUTES);
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
