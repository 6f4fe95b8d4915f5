import { setTimeout as sleep } from "node:timers/promises";
import { createKeyedHints, type KeyedHints } from "../../db/keyed-hints.ts";
import type { HintListener, Notifications } from "../../db/notify.ts";
import { createHub, type Hub } from "../../lib/hub.ts";
import type { Log } from "../../lib/log.ts";
import type { Alert } from "./domain/budget-alerts.ts";
import type { Run } from "./domain/run.ts";
import type { Runway } from "./domain/runway.ts";
import type { Ports } from "./ports.ts";
import { riskHeatmap, type RiskHeatmap } from "./operations/risk-heatmap.ts";
import { runwaysOf } from "./operations/runways-of.ts";
import { EVENTS_CHANNEL, PRIORS_KEY } from "./adapters/events.ts";

/** What changes while it is watched: runways by project id and runs by id, whoever changed them. */
export interface Live {
  runways: Pick<Hub<Runway>, "watch">;
  runs: Pick<Hub<Run>, "watch">;
  /** The newest alerts, by tenant. */
  alerts: Pick<Hub<readonly Alert[]>, "watch">;
  /** By project id. */
  heatmaps: Pick<Hub<RiskHeatmap>, "watch">;
}

export interface LiveOptions {
  ports: Pick<Ports, "runs" | "priors" | "alerts" | "insights" | "clock" | "meter">;
  notifications: Notifications;
  log: Log;
  /** How often a runway that time alone changes is read again, in milliseconds. */
  refreshMs: number;
}

/** Shortest time between two values of one key: four a second. */
const SPACING_MS = 250;

/** Hubs that follow the hints of every process; `close` ends all watchers. */
export async function createLive(options: LiveOptions): Promise<Live & { close(): Promise<void> }> {
  const { ports, notifications, log } = options;
  const hints = createKeyedHints(
    notifications,
    EVENTS_CHANNEL,
    tellHubs(() => hubs),
  );
  const follow = (kind: string) => (key: string) => hints.follow(`${kind}:${key}`);
  const moving = new Set<string>();
  const onError = (err: unknown, key: string) => log.warn({ err, key }, "could not read a watched value");
  const runways = createHub<Runway>({
    load: paced(async (projectId) => {
      const [runway] = await runwaysOf(ports, [projectId]);
      moving[runway?.isMoving ? "add" : "delete"](projectId);
      if (!runway) return undefined;
      ports.meter.runwayPushed();
      return runway;
    }),
    follow: follow("project"),
    onError,
  });
  const runs = createHub<Run>({
    load: paced(async (runId) => (await ports.runs.byIds([runId]))[0]),
    follow: follow("run"),
    onError,
  });
  const alerts = createHub<readonly Alert[]>({
    load: paced((tenant) => ports.alerts.list(tenant, undefined)),
    follow: follow("alerts"),
    onError,
  });
  const heatmaps = createHub<RiskHeatmap>({
    load: paced(async (projectId) => (await riskHeatmap(ports, projectId)) ?? undefined),
    follow: (projectId) => followBoth(hints, [`project:${projectId}`, PRIORS_KEY]),
    onError,
  });
  const hubs = { project: runways, run: runs, alerts, heatmap: heatmaps };
  const refresh = setInterval(() => {
    const watched = new Set(runways.watchedKeys);
    for (const projectId of moving) {
      if (watched.has(projectId)) runways.changed(projectId);
      else moving.delete(projectId);
    }
  }, options.refreshMs);

  return {
    runways,
    runs,
    alerts,
    heatmaps,
    close: async () => {
      clearInterval(refresh);
      await hints.close();
      for (const hub of Object.values(hubs)) hub.close();
    },
  };
}

type HubKind = "project" | "run" | "alerts" | "heatmap";

/** Hints are `kind:key`; what is said of a project or of priors changes risks as well. */
function tellHubs(hubs: () => Record<HubKind, Pick<Hub<unknown>, "changed" | "changedAll">>): HintListener {
  return {
    onHint: (payload) => {
      const end = payload.indexOf(":");
      const [kind, key] = [payload.slice(0, end), payload.slice(end + 1)];
      if (kind in hubs()) hubs()[kind as HubKind].changed(key);
      if (kind === "project") hubs().heatmap.changed(key);
      if (kind === "priors") hubs().heatmap.changedAll();
    },
    onGap: () => {
      for (const hub of Object.values(hubs())) hub.changedAll();
    },
  };
}

async function followBoth(hints: Pick<KeyedHints, "follow">, keys: [string, string]): Promise<() => void> {
  const ends = await Promise.all(keys.map((key) => hints.follow(key)));
  return () => ends.forEach((end) => end());
}

/** Reads of one key keep their distance; the hub folds the changes in between into the next read. */
function paced<T>(load: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const resting = new Map<string, Promise<void>>();
  return async (key) => {
    await resting.get(key);
    const rest = sleep(SPACING_MS, undefined, { ref: false }).then(() => void resting.delete(key));
    resting.set(key, rest);
    return load(key);
  };
}
