import { LRUCache } from "lru-cache";
import type { Log } from "../lib/log.ts";
import { createNotifications } from "./notifications.ts";
import type { Hint, HintListener, Notifications } from "./notify.ts";
import { createRedisNotifications } from "./redis-notifications.ts";

export interface HintsOptions {
  /** `postgresql://user:password@host:port/database` */
  databaseUrl: string;
  /** Redis as a second way for hints. */
  redisUrl?: string | undefined;
  log: Log;
}

export interface Hints extends Notifications {
  /** Tells of a committed hint by the ways that do not learn of it by themselves. */
  publish(hint: Hint): void;
  /** Hears of what this process alone tells on a channel: for work that one of all processes has to do. */
  listenToOwn(channel: string, listener: (payload: string) => void): () => void;
}

/** Hints that are remembered to know those that come a second time; PostgreSQL carries no more than 8,000 bytes each. */
const REMEMBERED = { max: 1_000 };

/**
 * Hints from PostgreSQL and, where there is one, from Redis too: whichever is first is heard, so neither's absence
 * loses anything. Redis serves processes that cannot listen to PostgreSQL, as behind a connection pooler.
 */
export function createHints({ databaseUrl, redisUrl, log }: HintsOptions): Hints {
  const postgres = createNotifications({ url: databaseUrl, log });
  const own = createOwn();
  if (redisUrl === undefined) return Object.assign(postgres, own);
  const database = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  const redis = createRedisNotifications({ url: redisUrl, database, log });
  return {
    listenToOwn: own.listenToOwn,
    listen: (channel, listener) => listenToBoth([redis, postgres], channel, listener),
    publish: (hint) => {
      own.publish(hint);
      redis.publish(hint);
    },
    get hasOlderPeers() {
      return postgres.hasOlderPeers;
    },
    get problem() {
      const problems = [redis.problem, postgres.problem].filter((problem) => problem !== undefined);
      return problems.length === 0 ? undefined : problems.join("; ");
    },
    close: async () => {
      await Promise.all([redis.close(), postgres.close()]);
    },
  };
}

function createOwn(): Pick<Hints, "publish" | "listenToOwn"> {
  const listeners = new Map<string, Set<(payload: string) => void>>();
  return {
    publish: ({ channel, payload }) => {
      for (const listener of listeners.get(channel) ?? []) listener(payload);
    },
    listenToOwn: (channel, listener) => {
      const all = listeners.get(channel) ?? new Set();
      listeners.set(channel, all.add(listener));
      return () => void all.delete(listener);
    },
  };
}

async function listenToBoth(
  ways: readonly Notifications[],
  channel: string,
  listener: HintListener,
): Promise<() => Promise<void>> {
  const once = hearOnce(listener);
  const listening = ways.map((way) => way.listen(channel, once));
  // One way is enough to begin; the other joins when it can.
  await Promise.any(listening).catch((error: AggregateError) => {
    throw error.errors[0];
  });
  return async () => {
    once.isOver = true;
    for (const each of listening) void each.then((leave) => leave()).catch(() => undefined);
  };
}

/** Passes each hint on once, whichever way it comes first. */
function hearOnce(listener: HintListener): HintListener & { isOver: boolean } {
  const heard = new LRUCache<string, true>(REMEMBERED);
  const once = {
    isOver: false,
    onHint: (payload: string, stamp: string) => {
      const name = `${payload}@${stamp}`;
      if (once.isOver || heard.has(name)) return;
      if (stamp !== "") heard.set(name, true);
      listener.onHint(payload, stamp);
    },
    onGap: () => {
      if (!once.isOver) listener.onGap();
    },
  };
  return once;
}
