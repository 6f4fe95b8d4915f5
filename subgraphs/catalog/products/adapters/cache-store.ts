import { withinMs } from "../../../../lib/deadline.ts";
import { randomUUID } from "node:crypto";
import type KeyvRedis from "@keyv/redis";
import { Keyv } from "keyv";
import { LRUCache } from "lru-cache";
import { messageOf, publicReason } from "../../../../lib/errors.ts";
import { keyvRedis } from "../../../../lib/redis-packages.ts";
import type { Log } from "../../../../lib/log.ts";

/** How long a value is kept, and about what it takes in memory. */
interface Extent {
  ttlMs: number;
  bytes: number;
}

/** Values by key for a while. Both methods may fail; what that means is the cache's business. */
export interface CacheStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: object, extent: Extent): Promise<void>;
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
  /** Asks the store how it is: why it is out of order, or null. Values kept in this process do not hide that. */
  problem(): Promise<string | null>;
}

/** The shared store did not answer in time or not at all. The message is shown to operators: it names no address. */
class SharedStoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SharedStoreError";
  }
}

const MAX_ENTRIES = 5_000;

/**
 * Values in this process, as they are: hits share them, and nothing is written as text and read back. What was used least
 * recently goes when they are too many, or take more than `maxBytes` together.
 *
 * @example createMemoryStore({ maxBytes: 256 * 1_048_576 })
 */
export function createMemoryStore({
  maxBytes,
  maxEntries = MAX_ENTRIES,
}: {
  maxBytes: number;
  maxEntries?: number;
}): CacheStore {
  const values = new LRUCache<string, object>({ max: maxEntries, maxSize: maxBytes });
  return {
    get: async (key) => values.get(key),
    set: async (key, value, { ttlMs, bytes }) => {
      // lru-cache takes a time to live of 0 for no end at all.
      if (ttlMs > 0) values.set(key, value, { ttl: Math.ceil(ttlMs), size: Math.max(1, bytes) });
      if (bytes > maxBytes)
        throw new Error(`${key} takes ${bytes} bytes; expected at most ${maxBytes} (PLM_CACHE_MB)`);
    },
    close: async () => values.clear(),
  };
}

const NAMESPACE = "catalog:2";
/** How long a store that has just failed is left alone. */
const REST_MS = 1_000;
const UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";

export interface RedisStoreConfig {
  /** `redis://host:port/database` */
  url: string;
  /** For each answer. Longer than this, and asking the PLM is the better idea. */
  timeoutMs: number;
}

/** Values as JSON in Redis, shared by all replicas. */
export function createRedisStore({ url, timeoutMs }: RedisStoreConfig, deps: { log: Log }): SharedStore {
  const redis = new (keyvRedis().default)<unknown>(
    {
      url,
      disableOfflineQueue: true,
      socket: { connectTimeout: timeoutMs, reconnectStrategy: false },
    },
    { connectionTimeout: timeoutMs, throwOnErrors: true },
  );
  const keyv = new Keyv({ store: redis, namespace: NAMESPACE, throwOnErrors: true, useKeyPrefix: true });
  keyv.on("error", (error: unknown) => deps.log.debug({ err: error }, "Redis connection"));
  const connection = new Connection(redis, timeoutMs);
  return {
    get: (key) => connection.use(() => keyv.get<unknown>(key)),
    set: async (key, value, { ttlMs }) => {
      // Redis takes whole milliseconds only.
      await connection.use(() => keyv.set(key, value, Math.ceil(ttlMs)));
    },
    tryLock: async (key, ttlMs) => {
      const name = `${NAMESPACE}:lock:${key}`;
      const holder = randomUUID();
      const answer = await connection.use((client) => client.set(name, holder, { NX: true, PX: ttlMs }));
      if (answer === null) return undefined;
      // Ours only: after its time to live the lock may be another replica's.
      return async () => {
        const unlock = { keys: [name], arguments: [holder] };
        await connection.use((client) => client.eval(UNLOCK, unlock)).catch(() => undefined);
      };
    },
    problem: () =>
      connection
        .use((client) => client.ping())
        .then(
          () => null,
          (error: unknown) => messageOf(error),
        ),
    close: () => connection.close(),
  };
}

type Client = Awaited<ReturnType<KeyvRedis<unknown>["getClient"]>>;

/** A connection that fails quickly: what is not answered in time breaks it off, and for a while it is not tried again. */
class Connection {
  readonly #redis: KeyvRedis<unknown>;
  readonly #timeoutMs: number;
  #opening: Promise<Client> | undefined;
  #resting: { timer: NodeJS.Timeout; reason: string } | undefined;

  constructor(redis: KeyvRedis<unknown>, timeoutMs: number) {
    this.#redis = redis;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws SharedStoreError when there is no answer in time, or was none a moment ago */
  async use<T>(ask: (client: Client) => Promise<T>): Promise<T> {
    if (this.#resting) throw new SharedStoreError(this.#resting.reason);
    try {
      return await inTime(this.#connected().then(ask), this.#timeoutMs);
    } catch (error) {
      this.#rest(messageOf(error));
      throw error;
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#resting?.timer);
    // By force: an orderly goodbye would wait for a Redis that does not answer.
    await this.#redis.disconnect(true);
  }

  /** The library fails a second caller that comes while it connects. */
  #connected(): Promise<Client> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<Client> {
    try {
      return await this.#redis.getClient();
    } catch (error) {
      // The library's message talks of its own options.
      throw new SharedStoreError("Redis cannot be reached", { cause: error });
    }
  }

  /** What waits for an answer would wait as long as Redis is frozen, and more would come behind it. */
  #rest(reason: string): void {
    clearTimeout(this.#resting?.timer);
    const timer = setTimeout(() => {
      this.#resting = undefined;
    }, REST_MS).unref();
    this.#resting = { timer, reason };
    void this.#redis.disconnect(true).catch(() => undefined);
  }
}

async function inTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  try {
    return await withinMs(answer, timeoutMs, () => {
      throw new SharedStoreError(`Redis did not answer within ${timeoutMs} ms`);
    });
  } catch (error) {
    if (error instanceof SharedStoreError) throw error;
    throw new SharedStoreError(publicReason("Redis failed", error), { cause: error });
  }
}
