import type { Kysely } from "kysely";
import type { Notifications } from "../../../db/notifications.ts";
import type { Database } from "../../../db/tables.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { PasClient } from "../adapters/pas-client.ts";
import type { Queue } from "../adapters/queue.ts";
import type { KpiPorts } from "../operations/kpi-ports.ts";
import type { PlmsConfig } from "../config.ts";
import type { Meter, Ports } from "../operations/ports.ts";

export interface PlmsDeps {
  /** Stays open when the subgraph closes, like `notifications`. */
  db: Kysely<Database>;
  notifications: Notifications;
  clock: Clock;
  log: Log;
}

/** Adapters that the subgraph has to close itself. */
export interface PortParts {
  executor: PasClient;
  meter: Meter;
  queue: Queue;
  kpis: KpiPorts;
}

/** Something that runs beside the requests until it is closed. */
export interface Part {
  close(): Promise<void>;
}

/** What the work beside the requests needs. */
export interface BackgroundOptions {
  config: PlmsConfig;
  deps: PlmsDeps;
  ports: Ports;
  queue: Queue;
}
