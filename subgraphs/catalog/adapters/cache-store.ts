import KeyvRedis from "@keyv/redis";
import { Keyv } from "keyv";
import type { Log } from "../../../lib/log.ts";

/** Values by key for a while. Both methods may fail; what that means is the cache's business. */
export interface CacheStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, ttlMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Values stay as they are in this process: keyv would serialise them, which costs more than most requests. */
export function createMemoryStore(): CacheStore {
  const keyv = new Keyv();
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

const NAMESPACE = "catalog:1";
/** Longer than this, and asking the PLM is the better idea. */
const ANSWER_WITHIN_MS = 100;

/** Values as JSON in Redis, shared by all replicas. */
export function createRedisStore(config: { url: string }, deps: { log: Log }): CacheStore {
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
  return {
    get: (key) => withinTime(keyv.get<unknown>(key)),
    set: async (key, value, ttlMs) => {
      await withinTime(keyv.set(key, value, ttlMs));
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
  } finally {
    clearTimeout(timer);
  }
}
