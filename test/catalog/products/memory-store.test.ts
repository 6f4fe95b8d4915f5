import { randomUUID } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { createCache } from "../../../subgraphs/catalog/products/adapters/cache.ts";
import {
  type CacheStore,
  createMemoryStore,
} from "../../../subgraphs/catalog/products/adapters/cache-store.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { createManualClock } from "../support.ts";

const MAX_BYTES = 1_048_576;

function start(store: CacheStore, log = quietLog) {
  const clock = createManualClock(new Date().toISOString());
  onTestFinished(() => store.close());
  const config = { ttlMs: 600_000, staleMs: 3_600_000 };
  const cache = createCache<{ models: string[] }>(config, { store, clock, random: () => 0.5, log });
  return { clock, key: randomUUID(), cache };
}

describe("a cache in memory", () => {
  test("forgets what nobody has used for the longest time", async () => {
    const store = createMemoryStore({ maxBytes: MAX_BYTES, maxEntries: 2 });
    const { cache } = start(store);
    const load = (key: string) => cache.load(key, async () => ({ models: [key] }));
    await load("a");
    await load("b");
    await cache.read("a");
    await load("c");
    await expect(cache.read("a")).resolves.toBeDefined();
    await expect(cache.read("b")).resolves.toBeUndefined();
  });

  test("forgets what was used least recently when all of it takes too many bytes", async () => {
    const store = createMemoryStore({ maxBytes: 5_000 });
    const { cache } = start(store);
    const load = (key: string) => cache.load(key, async () => ({ models: [key.repeat(2_000)] }));
    await load("a");
    await load("b");
    await cache.read("a");
    await load("c");
    await expect(cache.read("a")).resolves.toBeDefined();
    await expect(cache.read("b")).resolves.toBeUndefined();
    await expect(cache.read("c")).resolves.toBeDefined();
  });

  test("hands a value on that is too large for it, does not keep it, and says which setting", async () => {
    const warnings: unknown[] = [];
    const log = { ...quietLog, warn: (entry: unknown) => void warnings.push(entry) };
    const { cache, key } = start(createMemoryStore({ maxBytes: 1_000 }), log);
    const value = { models: ["x".repeat(2_000)] };
    await expect(cache.load(key, async () => value)).resolves.toMatchObject({ value });
    await expect(cache.read(key)).resolves.toBeUndefined();
    expect(warnings).toMatchObject([
      { err: { message: expect.stringMatching(/takes 2\d\d\d bytes.*PLM_CACHE_MB/) } },
    ]);
  });

  test("hands out the very same value again: nothing is written as text and read back", async () => {
    const { cache, key } = start(createMemoryStore({ maxBytes: MAX_BYTES }));
    const { value } = await cache.load(key, async () => ({ models: ["LX24"] }));
    expect((await cache.read(key))?.value).toBe(value);
  });

  test("keeps what is expired, no longer fresh, until it is loaded again", async () => {
    const { cache, key, clock } = start(createMemoryStore({ maxBytes: MAX_BYTES }));
    const nowMs = () => clock.now().getTime();
    await cache.load(key, async () => ({ models: ["old"] }));
    clock.advance(1);
    cache.expire(key);
    const expired = await cache.read(key);
    expect(expired).toMatchObject({ value: { models: ["old"] } });
    expect(expired?.freshUntilMs).toBeLessThan(nowMs());
    clock.advance(1);
    await cache.load(key, async () => ({ models: ["new"] }));
    expect((await cache.read(key))?.freshUntilMs).toBeGreaterThan(nowMs());
  });
});
