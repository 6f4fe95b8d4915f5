import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { Cache, CacheEntry } from "../operations/ports.ts";
import type { CacheStore } from "./cache-store.ts";

export interface CacheConfig {
  /** How long a value is fresh; each value gets up to a tenth more or less, so that replicas do not reload in step. */
  ttlMs: number;
  /** How long a value that is no longer fresh may still stand in for its source. */
  staleMs: number;
}

export interface CacheDeps {
  /** Left out, nothing is kept and only the sharing of loads remains. */
  store?: CacheStore | undefined;
  clock: Clock;
  /** 0-1 */
  random: () => number;
  log: Log;
}

interface StoredEntry<T> extends CacheEntry<T> {
  staleUntilMs: number;
}

const JITTER_SHARE = 0.1;

/**
 * Values by key with a fresh and a stale age. Keyv forgets a value at its time to live, so the entry carries
 * both ages itself. Values are frozen, because hits share them.
 */
export function createCache<T>(config: CacheConfig, deps: CacheDeps): Cache<T> {
  const { store, clock, log } = deps;
  const underWay = new Map<string, Promise<CacheEntry<T>>>();

  const keep = async (key: string, value: T): Promise<CacheEntry<T>> => {
    const fetchedAtMs = clock.now().getTime();
    const ttlMs = config.ttlMs * (1 - JITTER_SHARE + 2 * JITTER_SHARE * deps.random());
    const freshUntilMs = fetchedAtMs + ttlMs;
    const entry: StoredEntry<T> = {
      value,
      fetchedAtMs,
      freshUntilMs,
      staleUntilMs: freshUntilMs + config.staleMs,
    };
    deepFreeze(entry);
    await store
      ?.set(key, entry, ttlMs + config.staleMs)
      .catch((error: unknown) =>
        log.warn({ err: error, key }, "the cache cannot be written; going on without"),
      );
    return entry;
  };

  return {
    read: async (key) => {
      try {
        const entry = (await store?.get(key)) as StoredEntry<T> | undefined;
        return entry && clock.now().getTime() < entry.staleUntilMs ? entry : undefined;
      } catch (error) {
        log.warn({ err: error, key }, "the cache cannot be read; going on without");
        return undefined;
      }
    },
    load: (key, load) => {
      const shared = underWay.get(key);
      if (shared) return shared;
      const loading = load()
        .then((value) => keep(key, value))
        .finally(() => underWay.delete(key));
      underWay.set(key, loading);
      return loading;
    },
  };
}

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
}
