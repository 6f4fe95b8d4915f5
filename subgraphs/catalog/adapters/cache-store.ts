import { randomUUID } from "node:crypto";
import KeyvRedis from "@keyv/redis";
import { Keyv } from "keyv";
import type { Log } from "../../../lib/log.ts";

/** Values by key for a while. Both methods may fail; what that means is the cache's business. */
export interface CacheStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, ttlMs: number): Promise<void>;
  close(): Promise<void>;
}

/** A store that replicas share. */
export interface SharedStore extends CacheStore {
  /**
   * Lets one replica at a time do something about a key.
   *
   * @returns what ends it, or undefined while another replica is at it
   * @throws SharedStoreError when the store does not answer
   */
  tryLock(key: string, ttlMs: number): Promise<(() => Promise<void>) | undefined>;
}

/** The shared store did not answer in time or not at all. */
class SharedStoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SharedStoreError";
  }
}

const MAX_ENTRIES = 5_000;

/** Values stay as they are in this process: keyv would serialise them, which costs more than most requests. */
export function createMemoryStore(maxEntries: number = MAX_ENTRIES): CacheStore {
  // Keyv removes what has expired only when somebody asks for it, so the map needs a bound of its own.
  const keyv = new Keyv({ store: new LeastRecentMap(maxEntries) });
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return {
    get: (key) => keyv.get<unknown>(key),
    set: async (key, value, ttlMs) => {
      await keyv.set(key, value, ttlMs);
    },
    close: () => keyv.clear(),
  };
}

/** A map that forgets what nobody has used for the longest time. */
class LeastRecentMap extends Map<string, unknown> {
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    super();
    this.#maxEntries = maxEntries;
  }

  override get(key: string): unknown {
    const value = super.get(key);
    if (value !== undefined && super.delete(key)) super.set(key, value);
    return value;
  }

  override set(key: string, value: unknown): this {
    super.delete(key);
    super.set(key, value);
    const [oldest] = this.keys();
    if (this.size > this.#maxEntries && oldest !== undefined) super.delete(oldest);
    return this;
  }
}

const NAMESPACE = "catalog:2";
/** Longer than this, and asking the PLM is the better idea. */
const ANSWER_WITHIN_MS = 100;
const UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";

/** Values as JSON in Redis, shared by all replicas. */
export function createRedisStore(config: { url: string }, deps: { log: Log }): SharedStore {
  const redis = new KeyvRedis<unknown>(
    {
      url: config.url,
      disableOfflineQueue: true,
      socket: { connectTimeout: ANSWER_WITHIN_MS, reconnectStrategy: false },
    },
    { connectionTimeout: ANSWER_WITHIN_MS, throwOnErrors: true },
  );
  const keyv = new Keyv({ store: redis, namespace: NAMESPACE, throwOnErrors: true, useKeyPrefix: true });
  keyv.on("error", (error: unknown) => deps.log.debug({ err: error }, "Redis connection"));
  let opening: ReturnType<typeof redis.getClient> | undefined;
  /** The library fails a second caller that comes while it connects. */
  const connected = () => {
    opening ??= redis.getClient().finally(() => {
      opening = undefined;
    });
    return opening;
  };
  return {
    get: (key) => withinTime(connected().then(() => keyv.get<unknown>(key))),
    set: async (key, value, ttlMs) => {
      await withinTime(connected().then(() => keyv.set(key, value, ttlMs)));
    },
    tryLock: async (key, ttlMs) => {
      const name = `${NAMESPACE}:lock:${key}`;
      const holder = randomUUID();
      const client = await withinTime(connected());
      const answer = await withinTime(client.set(name, holder, { NX: true, PX: ttlMs }));
      if (answer === null) return undefined;
      // Ours only: after its time to live the lock may be another replica's.
      return async () => {
        await client.eval(UNLOCK, { keys: [name], arguments: [holder] }).catch(() => undefined);
      };
    },
    // By force: an orderly goodbye would wait for a Redis that does not answer.
    close: () => redis.disconnect(true),
  };
}

async function withinTime<T>(answer: Promise<T>): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`Redis did not answer within ${ANSWER_WITHIN_MS} ms`)),
    ANSWER_WITHIN_MS,
  );
  try {
    return await Promise.race([answer, tooLate]);
  } catch (error) {
    throw new SharedStoreError(error instanceof Error ? error.message : "Redis failed", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
