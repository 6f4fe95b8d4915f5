import { createCache } from "./adapters/cache.ts";
import { createMemoryStore, createRedisStore } from "./adapters/cache-store.ts";
import type { ModelConfiguration } from "./domain/configuration.ts";
import type { BothCatalogues, PlmValue } from "./operations/ports.ts";
import type { Miss } from "./operations/read-through.ts";
import type { CatalogDeps } from "../deps.ts";

interface CachesConfig {
  enabled: boolean;
  ttlMs: number;
  staleMs: number;
  /** For all that is kept in this process. */
  maxBytes: number;
  /** For an answer of Redis. */
  timeoutMs: number;
  redisUrl: string | undefined;
}

/** How long "the PLM does not have it" is believed: shorter than people wait for something that they have added. */
const MISS_TTL_MS = 30_000;

/** What is kept of the PLM's answers: in this process, and in Redis for all replicas when there is one. */
export function createCaches(
  { enabled, redisUrl, maxBytes, timeoutMs, ...ages }: CachesConfig,
  { clock, log }: CatalogDeps,
) {
  const store = enabled ? createMemoryStore({ maxBytes }) : undefined;
  const shared =
    enabled && redisUrl !== undefined ? createRedisStore({ url: redisUrl, timeoutMs }, { log }) : undefined;
  const deps = { store, shared, clock, random: Math.random, log };
  const catalogues = createCache<PlmValue<BothCatalogues>>(ages, deps);
  const configurations = createCache<PlmValue<ModelConfiguration>>(ages, deps);
  const missAges = { prefix: "miss:", ttlMs: MISS_TTL_MS, staleMs: 0 };
  const misses = createCache<Miss>(missAges, { ...deps, shared: undefined });
  return {
    catalogues,
    configurations,
    misses,
    /** Why replicas do not share what they keep, though they should; null while they do. */
    problem: async () => (await shared?.problem()) ?? null,
    close: async () => {
      await Promise.all([store?.close(), shared?.close()]);
    },
  };
}
