import type { PlmConfig } from "../plm/config.ts";
import { Counter, Gauge } from "prom-client";
import { startRounds } from "../../kit/rounds.ts";
import { createUsageOutbox } from "./adapters/outbox.ts";
import { createUsageSink } from "./adapters/sink.ts";
import type { PlmPorts, WorkPorts } from "../context.ts";
import { watchBacklog } from "./operations/alert.ts";
import { deliverUsage, type UsageDelivery } from "./operations/deliver.ts";
import { createUsageMonitor, type UsageMonitor } from "./operations/status.ts";
import type { UsageConfig } from "./config.ts";
import type { CatalogDeps } from "../deps.ts";

interface UsageOptions {
  usage: UsageConfig;
  connection: PlmConfig["connection"];
}

/** A worker that is alive has given up long before its batch is another one's. */
const LEASE_IN_DEADLINES = 3;
const POLL_MAX_MS = 1_000;
const SAMPLE_MS = 10_000;

/** The outbox and the worker that empties it, when the PLM has an address. */
export function createUsage({ usage, connection }: UsageOptions, deps: CatalogDeps & { plm: PlmPorts }) {
  const { db, clock, log } = deps;
  const { health, modes } = deps.plm;
  const isOn = () => connection !== undefined && modes.current().mode !== "DISABLED";
  const outbox = createUsageOutbox(db);
  const monitor = createUsageMonitor(outbox, clock);
  const ports: WorkPorts["usage"] = { outbox, monitor };
  const sampler = startRounds({
    everyMs: SAMPLE_MS,
    round: () =>
      watchBacklog({
        monitor,
        alerts: health.alerts,
        clock,
        isOn,
        onAlert: (alert) => health.tellAlert(alert),
      }),
    onError: (error) => log.error({ err: error }, "the usage outbox could not be looked at"),
  });
  const gauges = showBacklog(deps, monitor);
  if (!connection) return { ports, close: () => sampler.close() };
  const sink = createUsageSink({ ...connection, deadlineMs: usage.deadlineMs }, { clock, log });
  const delivery: UsageDelivery = {
    outbox,
    sink,
    clock,
    random: Math.random,
    isOn,
    rules: { ...usage, leaseMs: LEASE_IN_DEADLINES * usage.deadlineMs },
    onDelivery: ({ outcome, events }) => gauges.delivered.inc({ outcome }, events),
  };
  const worker = startRounds({
    everyMs: Math.min(POLL_MAX_MS, usage.batch.maxWaitMs),
    round: async () => {
      if (!(await outbox.isEmpty())) await deliverUsage(delivery);
    },
    onError: (error) => log.error({ err: error }, "usage events could not be delivered"),
  });
  return {
    ports,
    close: async () => {
      const ended = Promise.all([sampler.close(), worker.close()]);
      // What is on its way is broken off: it is delivered again by whoever starts next.
      await sink.close();
      await ended;
    },
  };
}

function showBacklog({ registry }: CatalogDeps, monitor: UsageMonitor) {
  const registers = [registry];
  const delivered = new Counter({
    name: "usage_events_delivered_total",
    help: "Usage events by what came of their delivery to the PLM",
    labelNames: ["outcome"],
    registers,
  });
  const waiting = new Gauge({
    name: "usage_events_waiting",
    help: "Usage events by state: pending, or dead letters",
    labelNames: ["state"],
    registers,
    collect: async () => {
      const { pending, deadLetters } = await monitor.status();
      waiting.set({ state: "pending" }, pending);
      waiting.set({ state: "dead" }, deadLetters);
    },
  });
  return { delivered };
}
