import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createCache } from "../../../subgraphs/catalog/adapters/cache.ts";
import {
  createMemoryStore,
  createRedisStore,
  type CacheStore,
} from "../../../subgraphs/catalog/adapters/cache-store.ts";
import { quietLog } from "../../support/database.ts";
import { createManualClock } from "../support.ts";

interface Value {
  models: string[];
}

const CONFIG = { ttlMs: 600_000, staleMs: 3_600_000 };
const redisUrl = process.env["REDIS_URL"];

const stores: Record<string, () => CacheStore> = {
  memory: createMemoryStore,
  ...(redisUrl !== undefined && { redis: () => createRedisStore({ url: redisUrl }, { log: quietLog }) }),
};

function start(store: CacheStore | undefined, random = () => 0.5) {
  const clock = createManualClock(new Date().toISOString());
  if (store) onTestFinished(() => store.close());
  return {
    clock,
    key: randomUUID(),
    cache: createCache<Value>(CONFIG, { store, clock, random, log: quietLog }),
  };
}

describe.each(Object.entries(stores))("a cache in %s", (_name, createStore) => {
  it("has nothing at first, then what was loaded", async () => {
    const { cache, key, clock } = start(createStore());
    await expect(cache.read(key)).resolves.toBeUndefined();
    const loaded = await cache.load(key, async () => ({ models: ["LX24"] }));
    const nowMs = clock.now().getTime();
    expect(loaded).toMatchObject({
      value: { models: ["LX24"] },
      fetchedAtMs: nowMs,
      freshUntilMs: nowMs + 600_000,
    });
    await expect(cache.read(key)).resolves.toEqual(loaded);
  });

  it("still has a value that is no longer fresh, until it is too old to stand in", async () => {
    const { cache, key, clock } = start(createStore());
    const { freshUntilMs } = await cache.load(key, async () => ({ models: [] }));
    clock.advance(600_000 + 3_600_000 - 1);
    await expect(cache.read(key)).resolves.toMatchObject({ freshUntilMs });
    clock.advance(1);
    await expect(cache.read(key)).resolves.toBeUndefined();
  });

  it("loads once for all who ask while it loads", async () => {
    const { cache, key } = start(createStore());
    const load = vi.fn<() => Promise<Value>>(async () => ({ models: ["LX24"] }));
    const entries = await Promise.all(Array.from({ length: 50 }, () => cache.load(key, load)));
    expect(load).toHaveBeenCalledTimes(1);
    expect(new Set(entries).size).toBe(1);
  });

  it("keeps what it has when a load fails, and loads again at the next call", async () => {
    const { cache, key } = start(createStore());
    await cache.load(key, async () => ({ models: ["old"] }));
    await expect(cache.load(key, () => Promise.reject(new Error("down")))).rejects.toThrow("down");
    await expect(cache.read(key)).resolves.toMatchObject({ value: { models: ["old"] } });
    await cache.load(key, async () => ({ models: ["new"] }));
    await expect(cache.read(key)).resolves.toMatchObject({ value: { models: ["new"] } });
  });

  it("keeps keys apart", async () => {
    const { cache, key } = start(createStore());
    await cache.load(key, async () => ({ models: [] }));
    await expect(cache.read(`${key}-other`)).resolves.toBeUndefined();
  });
});

describe("a cache", () => {
  it("spreads the time to live by a tenth in both directions", async () => {
    const freshMs = async (random: number) => {
      const { cache, key } = start(createMemoryStore(), () => random);
      const entry = await cache.load(key, async () => ({ models: [] }));
      return Math.round(entry.freshUntilMs - entry.fetchedAtMs);
    };
    expect([await freshMs(0), await freshMs(0.5), await freshMs(1)]).toEqual([540_000, 600_000, 660_000]);
  });

  it("gives every reader the same frozen value", async () => {
    const { cache, key } = start(createMemoryStore());
    await cache.load(key, async () => ({ models: ["LX24"] }));
    const [one, two] = [await cache.read(key), await cache.read(key)];
    expect(one).toBe(two);
    expect(() => one?.value.models.push("LX99")).toThrow(TypeError);
  });

  it("without a store keeps nothing, but still loads once for all", async () => {
    const { cache, key } = start(undefined);
    const load = vi.fn<() => Promise<Value>>(async () => ({ models: [] }));
    await Promise.all([cache.load(key, load), cache.load(key, load)]);
    expect(load).toHaveBeenCalledTimes(1);
    await expect(cache.read(key)).resolves.toBeUndefined();
  });
});

describe("a cache whose Redis is out of order", () => {
  const useWithout = async (url: string) => {
    const { cache, key } = start(createRedisStore({ url }, { log: quietLog }));
    const startedAt = performance.now();
    const before = await cache.read(key);
    const loaded = await cache.load(key, async () => ({ models: ["LX24"] }));
    const after = await cache.read(key);
    return { before, loaded: loaded.value, after, isQuick: performance.now() - startedAt < 1000 };
  };
  const noCache = { before: undefined, loaded: { models: ["LX24"] }, after: undefined, isQuick: true };

  it("works without a cache when nobody listens", async () => {
    await expect(useWithout("redis://127.0.0.1:1")).resolves.toEqual(noCache);
  });

  it("works without a cache when nobody answers", async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    await expect(useWithout(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`)).resolves.toEqual(
      noCache,
    );
  });
});
