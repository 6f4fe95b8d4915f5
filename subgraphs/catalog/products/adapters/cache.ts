import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../../../lib/clock.ts";
import { inSteps, type Steps } from "../../../../lib/in-steps.ts";
import type { Log } from "../../../../lib/log.ts";
import type { Cache, CacheEntry } from "../operations/ports.ts";
import type { CacheStore, SharedStore } from "./cache-store.ts";

export interface CacheConfig {
  /** Sets the keys of this cache apart from those of others in the same stores. */
  prefix?: string;
  /** How long a value is fresh; each value gets up to a tenth more or less, so that replicas do not reload in step. */
  ttlMs: number;
  /** How long a value that is no longer fresh may still stand in for its source. */
  staleMs: number;
}

export interface CacheDeps {
  /** In this process; left out, nothing is kept and only the sharing of loads remains. */
  store?: CacheStore | undefined;
  /** What replicas share, behind the store of this process. */
  shared?: SharedStore | undefined;
  clock: Clock;
  /** 0-1 */
  random: () => number;
  log: Log;
}

interface StoredEntry<T> extends CacheEntry<T> {
  staleUntilMs: number;
}

interface Measured<T> {
  entry: StoredEntry<T>;
  bytes: number;
}

const JITTER_SHARE = 0.1;
/** Longer than a load takes: a replica that dies while it loads holds the others up for no more than this. */
const LOAD_LOCK_MS = 1_500;
const LOOK_AGAIN_MS = 25;

/**
 * Values by key with a fresh and a stale age. Keyv forgets a value at its time to live, so the entry carries
 * both ages itself. Values are frozen, because hits share them.
 */
export function createCache<T>(config: CacheConfig, deps: CacheDeps): Cache<T> {
  const underWay = new Map<string, Promise<CacheEntry<T>>>();
  const tiers = new Tiers<T>(config, deps);
  return {
    read: (key) => tiers.read(key),
    load: (key, load) => {
      const running = underWay.get(key);
      if (running) return running;
      const loading = tiers.loadOnce(key, load).finally(() => underWay.delete(key));
      underWay.set(key, loading);
      return loading;
    },
    expire: (key) => tiers.expire(key),
  };
}

/** The store of this process before the one that replicas share. */
class Tiers<T> {
  readonly #config: CacheConfig;
  readonly #deps: CacheDeps;
  readonly #expiredAtMs = new Map<string, number>();
  #allExpiredAtMs = -Infinity;

  constructor(config: CacheConfig, deps: CacheDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  async read(key: string): Promise<StoredEntry<T> | undefined> {
    const own = await this.#get(this.#deps.store, key);
    if (own && this.#isFresh(own)) return own;
    const shared = await this.#get(this.#deps.shared, key);
    if (!shared || (own && own.fetchedAtMs >= shared.fetchedAtMs)) return own;
    const bytes = await inSteps(freezing(shared));
    await this.#set(this.#deps.store, key, { entry: shared, bytes });
    return shared;
  }

  /** One replica loads while the others wait for what it finds, as long as there is a store to find it in. */
  async loadOnce(key: string, load: () => Promise<T>): Promise<CacheEntry<T>> {
    const { shared, clock, log } = this.#deps;
    const keep = async () => this.#keep(key, await load());
    if (!shared) return keep();
    const startedAtMs = clock.now().getTime();
    try {
      const unlock = await shared.tryLock(this.#name(key), LOAD_LOCK_MS);
      if (unlock) return await keep().finally(() => void unlock());
    } catch (error) {
      if (!(error instanceof Error && error.name === "SharedStoreError")) throw error;
      log.debug({ err: error, key }, "loading without asking the other replicas");
      return keep();
    }
    return (await this.#await(key, startedAtMs)) ?? keep();
  }

  expire(key?: string): void {
    const nowMs = this.#deps.clock.now().getTime();
    if (key === undefined) this.#allExpiredAtMs = nowMs;
    else this.#expiredAtMs.set(key, nowMs);
  }

  async #await(key: string, sinceMs: number): Promise<StoredEntry<T> | undefined> {
    for (let waitedMs = 0; waitedMs < LOAD_LOCK_MS / 2; waitedMs += LOOK_AGAIN_MS) {
      await sleep(LOOK_AGAIN_MS);
      const entry = await this.read(key);
      if (entry && entry.fetchedAtMs >= sinceMs) return entry;
    }
    return undefined;
  }

  async #keep(key: string, value: T): Promise<CacheEntry<T>> {
    const { clock, random, shared, store } = this.#deps;
    const fetchedAtMs = clock.now().getTime();
    const ttlMs = this.#config.ttlMs * (1 - JITTER_SHARE + 2 * JITTER_SHARE * random());
    const freshUntilMs = fetchedAtMs + ttlMs;
    const staleUntilMs = freshUntilMs + this.#config.staleMs;
    const entry: StoredEntry<T> = { value, fetchedAtMs, freshUntilMs, staleUntilMs };
    const bytes = await inSteps(freezing(entry));
    this.#expiredAtMs.delete(key);
    const measured = { entry, bytes };
    await Promise.all([this.#set(store, key, measured), this.#set(shared, key, measured)]);
    return entry;
  }

  async #get(store: CacheStore | undefined, key: string): Promise<StoredEntry<T> | undefined> {
    try {
      const entry = (await store?.get(this.#name(key))) as StoredEntry<T> | undefined;
      if (!entry || this.#deps.clock.now().getTime() >= entry.staleUntilMs) return undefined;
      const expiredAtMs = Math.max(this.#allExpiredAtMs, this.#expiredAtMs.get(key) ?? -Infinity);
      return entry.fetchedAtMs > expiredAtMs ? entry : { ...entry, freshUntilMs: entry.fetchedAtMs };
    } catch (error) {
      this.#deps.log.warn({ err: error, key }, "the cache cannot be read; going on without");
      return undefined;
    }
  }

  async #set(store: CacheStore | undefined, key: string, { entry, bytes }: Measured<T>): Promise<void> {
    const ttlMs = entry.staleUntilMs - this.#deps.clock.now().getTime();
    await store
      ?.set(this.#name(key), entry, { ttlMs, bytes })
      .catch((error: unknown) =>
        this.#deps.log.warn({ err: error, key }, "the cache cannot be written; going on without"),
      );
  }

  #isFresh(entry: StoredEntry<T>): boolean {
    return this.#deps.clock.now().getTime() < entry.freshUntilMs;
  }

  #name(key: string): string {
    return (this.#config.prefix ?? "") + key;
  }
}

/** What V8 takes for an object and each of its fields, and for a string beside its characters, measured with 50,000 parts. */
const OBJECT_BYTES = 56;
const FIELD_BYTES = 8;
const STRING_BYTES = 16;

/**
 * Freezes a value with everything in it.
 *
 * @returns about what it takes in memory, in bytes; what is in it twice, or in other values too, counts each time
 */
function* freezing(value: object): Steps<number> {
  const open: object[] = [value];
  let bytes = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    Object.freeze(next);
    bytes += OBJECT_BYTES;
    for (const name in next) {
      const part = (next as Readonly<Record<string, unknown>>)[name];
      bytes += FIELD_BYTES;
      if (typeof part === "string") bytes += STRING_BYTES + part.length;
      else if (typeof part === "object" && part !== null) open.push(part);
    }
    yield;
  }
  return bytes;
}
