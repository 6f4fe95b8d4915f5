import type { Kysely } from "kysely";
import type { Registry } from "prom-client";
import type { Notifications } from "../../../db/notifications.ts";
import type { Database } from "../../../db/tables.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";

/** What the catalogue is given from outside; all of it outlives the subgraph. */
export interface CatalogDeps {
  db: Kysely<Database>;
  notifications: Notifications;
  clock: Clock;
  log: Log;
}

/** What each part of the wiring is given: `wireX(config, deps)` answers `{ ports, close }`. */
export interface WiringDeps extends CatalogDeps {
  registry: Registry;
}
