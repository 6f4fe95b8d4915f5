import { Counter } from "prom-client";
import { createPoller } from "../adapters/poller.ts";
import { purge, type PurgeRules } from "../adapters/purge.ts";
import type { WiringDeps } from "./deps.ts";

/** Removes old rows every so often, in whichever replica comes first. */
export function wirePurge(config: PurgeRules & { everyMs: number }, deps: WiringDeps) {
  const { db, clock, log, registry } = deps;
  const removed = new Counter({
    name: "purged_rows_total",
    help: "Rows that were removed because nobody needs them any more, by kind",
    labelNames: ["kind"],
    registers: [registry],
  });
  const poller = createPoller({
    intervalMs: config.everyMs,
    poll: async () => {
      for (const [kind, rows] of Object.entries(await purge(db, config, clock.now())))
        removed.inc({ kind }, rows);
    },
    onError: (error) => log.error({ err: error }, "old rows could not be removed"),
  });
  return { close: () => poller.close() };
}
