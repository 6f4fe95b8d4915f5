import { notify, type Notifications } from "../../../db/notify.ts";
import type { Kysely } from "kysely";
import type { CatalogDatabase } from "../../../db/tables/catalog.ts";
import type { Log } from "../../../lib/log.ts";

const CHANNEL = "catalog_plm";

/** Hints between the replicas of the catalogue: that something changed, never the thing itself. */
export interface Events {
  /** `onHint` for every hint about the topic; with no key when hints may have been lost. */
  on(topic: string, onHint: (key: string | undefined) => void): void;
  /** Tells all replicas, this one too. A hint that cannot be sent is logged: what it is about is stored anyway. */
  tell(topic: string, key: string): Promise<void>;
  /** Settles once hints arrive: until then everything counts as changed. */
  attached: Promise<unknown>;
  close: () => Promise<void>;
}

export function createEvents(deps: {
  db: Kysely<CatalogDatabase>;
  notifications: Notifications;
  log: Log;
}): Events {
  const { db, notifications, log } = deps;
  const handlers = new Map<string, ((key: string | undefined) => void)[]>();
  // Not waited for: the catalogue starts while its database is away.
  const listening = notifications
    .listen(CHANNEL, {
      onHint: (payload) => {
        const [topic = "", key = ""] = payload.split(/:(.*)/s, 2);
        for (const handle of handlers.get(topic) ?? []) handle(key);
      },
      onGap: tellAll,
    })
    .then((end) => {
      tellAll();
      return end;
    })
    .catch(() => undefined);

  function tellAll(): void {
    for (const handle of [...handlers.values()].flat()) handle(undefined);
  }

  return {
    attached: listening,
    on: (topic, onHint) => void handlers.set(topic, [...(handlers.get(topic) ?? []), onHint]),
    tell: async (topic, key) => {
      await notify(db, CHANNEL, `${topic}:${key}`).catch((error: unknown) =>
        log.warn({ err: error, topic, key }, "the other replicas could not be told"),
      );
    },
    close: async () => {
      handlers.clear();
      const end = await Promise.race([listening, Promise.resolve(undefined)]);
      await end?.();
    },
  };
}
