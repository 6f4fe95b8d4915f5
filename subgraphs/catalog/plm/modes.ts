import type { PlmConfig } from "./config.ts";
import { createHub } from "../../../lib/hub.ts";
import type { Events } from "./events.ts";
import { createModeStore } from "./adapters/mode-store.ts";
import type { PlmSwitch } from "../products/domain/modes.ts";
import type { PlmModes } from "../products/operations/ports.ts";
import type { CatalogDeps } from "../deps.ts";

const TOPIC = "mode";

/** The mode of the PLM, the same in all replicas: kept in memory, because every reading asks for it. */
export async function createModes(config: PlmConfig, deps: CatalogDeps & { events: Events }) {
  const { clock, log, events } = deps;
  const store = createModeStore(deps.db);
  const isConnected = config.connection !== undefined;
  let current: PlmSwitch = {
    ...config.wish,
    cause: "ENVIRONMENT",
    reason: "set by the environment",
    changedBy: "environment",
    changedAt: clock.now(),
    version: 0,
  };
  const hub = createHub<PlmSwitch>({
    load: async () => current,
    onError: (error) => log.error({ err: error }, "the mode cannot be read"),
  });
  const follow = (next: PlmSwitch) => {
    const isNew = next.version > current.version;
    if (isNew || current.version === 0) current = isConnected ? next : { ...next, mode: "DISABLED" };
    if (isNew) {
      log.info({ mode: next.mode, models: next.models, reason: next.reason }, "the mode of the PLM changed");
      hub.changed(TOPIC);
    }
  };
  let isAdopted = false;
  // The environment is heard once, when this replica starts: replicas that wish different things would never agree.
  const reread = async () => {
    try {
      const stored = isAdopted ? await store.read() : await store.adopt(config.wish, clock.now());
      if (stored) follow(stored);
      if (!isAdopted) await events.tell(TOPIC, String(stored?.version));
      isAdopted = true;
    } catch (error) {
      log.warn({ err: error }, "the mode of the PLM cannot be read; going on with the last one known");
    }
  };
  events.on(TOPIC, () => void reread());
  await reread();

  const modes: PlmModes = {
    isConnected,
    current: () => current,
    change: async (next) => {
      const changed = await store.change(next, clock.now());
      follow(changed);
      await events.tell(TOPIC, String(changed.version));
      return changed;
    },
    changes: (last) => store.changes(last),
    watch: () => hub.watch(TOPIC),
  };
  return { modes, close: () => hub.close() };
}
