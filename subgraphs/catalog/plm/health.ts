import type { PlmConfig } from "./config.ts";
import { createHub } from "../../../lib/hub.ts";
import type { Events } from "./events.ts";
import { createPlmAlerts, createPlmIssues } from "./adapters/alerts.ts";
import { startRounds } from "../../kit/rounds.ts";
import type { PlmLeftovers } from "../products/ports.ts";
import type { Circuits, PlmModes } from "../products/operations/ports.ts";
import type { Observations, ShadowDiffs } from "./ports.ts";
import type { PlmAlert } from "./operations/ports.ts";
import {
  type AskedHistory,
  type HealthPorts,
  type PlmHealthView,
  readPlmHealth,
  readPlmHistory,
} from "./operations/health.ts";
import { watchPlm } from "./operations/watch.ts";
import type { CatalogDeps } from "../deps.ts";

const TOPIC = "alert";
const HEALTH = "health";
const WATCH_MS = 10_000;
const REFRESH_MS = 1_000;

interface HealthDeps extends CatalogDeps {
  events: Events;
  modes: PlmModes;
  circuits: Circuits;
  observations: Observations;
  diffs: ShadowDiffs;
  leftovers: PlmLeftovers;
  /** When what is in the cache was fetched. */
  cachedSince: HealthPorts["cachedSince"];
  cacheProblem: HealthPorts["cacheProblem"];
}

/** How the PLM is, the alerts about it, and those who watch either. */
export function createPlmHealth(config: PlmConfig, deps: HealthDeps) {
  const { db, log, events, observations } = deps;
  const alerts = createPlmAlerts(db);
  const issues = createPlmIssues(db, deps);
  const ports: HealthPorts = { ...deps, alerts };
  const health = createHub<PlmHealthView>({
    load: () => readPlmHealth(ports),
    onError: (error) => log.warn({ err: error }, "the health of the PLM cannot be read"),
  });
  let latest: string | undefined;
  const alertHub = createHub<PlmAlert>({
    load: async () => (latest === undefined ? undefined : alerts.byId(latest)),
    onError: (error) => log.warn({ err: error }, "an alert cannot be read"),
  });
  events.on(TOPIC, (id) => {
    latest = id ?? latest;
    alertHub.changed(TOPIC);
    health.changed(HEALTH);
  });
  const refresh = setInterval(() => health.changed(HEALTH), REFRESH_MS).unref();
  const watch = () =>
    watchPlm({
      ...ports,
      thresholds: config.alerts,
      autoRollback: config.autoRollback,
      maintenance: config.maintenance,
      onAlert: (alert) => {
        log.warn({ ...alert }, "an alert about the PLM");
        void events.tell(TOPIC, alert.id);
      },
    });
  const judging = startRounds({
    everyMs: WATCH_MS,
    round: async () => {
      await watch();
      await observations.prune();
    },
    onError: (error) => log.warn({ err: error }, "the alerts about the PLM could not be judged"),
  });
  return {
    alerts,
    issues,
    readHealth: (minutes?: number) => readPlmHealth(ports, minutes),
    readHistory: (span: AskedHistory) => readPlmHistory(ports, span),
    watchHealth: () => health.watch(HEALTH),
    watchAlerts: () => alertHub.watch(TOPIC),
    tellAlert: (alert: PlmAlert) => void events.tell(TOPIC, alert.id),
    close: async () => {
      clearInterval(refresh);
      health.close();
      alertHub.close();
      await judging.close();
    },
  };
}
