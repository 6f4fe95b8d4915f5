import { type AddressInfo, type Socket, createServer } from "node:net";
import { randomUUID } from "node:crypto";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createCache } from "../../../subgraphs/catalog/products/adapters/cache.ts";
import {
  type CacheStore,
  type SharedStore,
  createMemoryStore,
  createRedisStore,
} from "../../../subgraphs/catalog/products/adapters/cache-store.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { waitFor } from "../../../lib/wait.ts";
import { createManualClock } from "../support.ts";

interface Value {
  models: string[];
}

const CONFIG = { ttlMs: 600_000, staleMs: 3_600_000 };
const MAX_BYTES = 1_048_576;
const redisUrl = process.env["REDIS_URL"];

const stores: Record<string, () => CacheStore> = {
  memory: () => createMemoryStore({ maxBytes: MAX_BYTES }),
  ...(redisUrl !== undefined && {
    redis: () => createRedisStore({ url: redisUrl, timeoutMs: 5_000 }, { log: quietLog }),
  }),
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
  test("has nothing at first, then what was loaded", async () => {
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

  test("still has a value that is no longer fresh, until it is too old to stand in", async () => {
    const { cache, key, clock } = start(createStore());
    const { freshUntilMs } = await cache.load(key, async () => ({ models: [] }));
    clock.advance(600_000 + 3_600_000 - 1);
    await expect(cache.read(key)).resolves.toMatchObject({ freshUntilMs });
    clock.advance(1);
    await expect(cache.read(key)).resolves.toBeUndefined();
  });

  test("loads once for all who ask while it loads", async () => {
    const { cache, key } = start(createStore());
    const load = vi.fn<() => Promise<Value>>(async () => ({ models: ["LX24"] }));
    const entries = await Promise.all(Array.from({ length: 50 }, () => cache.load(key, load)));
    expect(load).toHaveBeenCalledTimes(1);
    expect(new Set(entries).size).toBe(1);
  });

  test("keeps what it has when a load fails, and loads again at the next call", async () => {
    const { cache, key } = start(createStore());
    await cache.load(key, async () => ({ models: ["old"] }));
    await expect(cache.load(key, () => Promise.reject(new Error("down")))).rejects.toThrow("down");
    await expect(cache.read(key)).resolves.toMatchObject({ value: { models: ["old"] } });
    await cache.load(key, async () => ({ models: ["new"] }));
    await expect(cache.read(key)).resolves.toMatchObject({ value: { models: ["new"] } });
  });

  test("keeps keys apart", async () => {
    const { cache, key } = start(createStore());
    await cache.load(key, async () => ({ models: [] }));
    await expect(cache.read(`${key}-other`)).resolves.toBeUndefined();
  });
});

describe("a cache", () => {
  test("spreads the time to live by a tenth in both directions", async () => {
    const freshMs = async (random: number) => {
      const { cache, key } = start(createMemoryStore({ maxBytes: MAX_BYTES }), () => random);
      const entry = await cache.load(key, async () => ({ models: [] }));
      return Math.round(entry.freshUntilMs - entry.fetchedAtMs);
    };
    expect([await freshMs(0), await freshMs(0.5), await freshMs(1)]).toEqual([540_000, 600_000, 660_000]);
  });

  test("gives every reader the same frozen value", async () => {
    const { cache, key } = start(createMemoryStore({ maxBytes: MAX_BYTES }));
    await cache.load(key, async () => ({ models: ["LX24"] }));
    const [one, two] = [await cache.read(key), await cache.read(key)];
    expect(one).toBe(two);
    expect(() => one?.value.models.push("LX99")).toThrow(TypeError);
  });

  test("without a store keeps nothing, but still loads once for all", async () => {
    const { cache, key } = start(undefined);
    const load = vi.fn<() => Promise<Value>>(async () => ({ models: [] }));
    await Promise.all([cache.load(key, load), cache.load(key, load)]);
    expect(load).toHaveBeenCalledTimes(1);
    await expect(cache.read(key)).resolves.toBeUndefined();
  });
});

describe("a cache whose Redis is out of order", () => {
  const useWithout = async (url: string) => {
    const { cache, key } = start(createRedisStore({ url, timeoutMs: 150 }, { log: quietLog }));
    const startedAt = performance.now();
    const before = await cache.read(key);
    const loaded = await cache.load(key, async () => ({ models: ["LX24"] }));
    const after = await cache.read(key);
    return { before, loaded: loaded.value, after, isQuick: performance.now() - startedAt < 1000 };
  };
  const noCache = { before: undefined, loaded: { models: ["LX24"] }, after: undefined, isQuick: true };

  test("works without a cache when nobody listens", async () => {
    await expect(useWithout("redis://127.0.0.1:1")).resolves.toEqual(noCache);
  });

  test("works without a cache when nobody answers", async () => {
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

describe("a Redis that freezes", () => {
  /** As much of Redis as it takes to be connected to and asked; frozen, it takes commands and answers none. */
  const startRedis = async () => {
    const sockets = new Set<Socket>();
    const state = { isFrozen: false, connections: 0 };
    const server = createServer((socket) => {
      sockets.add(socket.on("error", () => sockets.delete(socket)));
      state.connections += 1;
      socket.on("data", (data) => {
        const commands = data.toString().match(/\*\d+\r\n/g)?.length ?? 0;
        if (!state.isFrozen) socket.write("+OK\r\n".repeat(commands));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const store = createRedisStore(
      { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutMs: 150 },
      { log: quietLog },
    );
    onTestFinished(async () => {
      await store.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { state, store };
  };

  test("is told of though nobody uses it, and again when it is well", async () => {
    const { state, store } = await startRedis();
    await waitFor(async () => (await store.problem()) === null);
    state.isFrozen = true;
    await expect(store.problem()).resolves.toMatch(/^Redis did not answer within \d+ ms$/);
    state.isFrozen = false;
    await waitFor(async () => (await store.problem()) === null);
  });

  test("is waited for once, not by everybody who comes after, and on a connection that ends then", async () => {
    const { state, store } = await startRedis();
    await waitFor(async () => (await store.problem()) === null);
    const { connections } = state;
    state.isFrozen = true;
    await expect(store.get("a")).rejects.toThrow("did not answer within");
    const startedAt = performance.now();
    for (let asked = 0; asked < 50; asked += 1)
      await expect(store.tryLock("a", 1_000)).rejects.toMatchObject({ name: "SharedStoreError" });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    state.isFrozen = false;
    await waitFor(async () => (await store.problem()) === null);
    expect(state.connections).toBeGreaterThan(connections);
  });
});

/** What Redis is to replicas, in this process. */
function createSharedStore(): SharedStore {
  const values = new Map<string, string>();
  const locks = new Set<string>();
  return {
    get: async (key) => (values.has(key) ? (JSON.parse(values.get(key) ?? "null") as unknown) : undefined),
    set: async (key, value) => void values.set(key, JSON.stringify(value)),
    tryLock: async (key) => {
      if (locks.has(key)) return undefined;
      locks.add(key);
      return async () => void locks.delete(key);
    },
    problem: async () => null,
    close: async () => {},
  };
}

const sharedStores: Record<string, () => SharedStore> = {
  memory: createSharedStore,
  ...(redisUrl !== undefined && {
    redis: () => createRedisStore({ url: redisUrl, timeoutMs: 5_000 }, { log: quietLog }),
  }),
};

describe.each(Object.entries(sharedStores))("replicas that share a store in %s", (_name, createShared) => {
  const replicas = (shared: SharedStore) => {
    const clock = createManualClock(new Date().toISOString());
    onTestFinished(() => shared.close());
    const replica = () =>
      createCache<Value>(CONFIG, {
        store: createMemoryStore({ maxBytes: MAX_BYTES }),
        shared,
        clock,
        random: () => 0.123_456_789,
        log: quietLog,
      });
    return { clock, key: randomUUID(), first: replica(), second: replica() };
  };

  test("load once, however many of them miss at the same time", async () => {
    const { key, first, second } = replicas(createShared());
    let loads = 0;
    const load = async () => {
      loads += 1;
      await new Promise((resolve) => setTimeout(resolve, 60));
      return { models: ["LX24"] };
    };
    const [a, b] = await Promise.all([first.load(key, load), second.load(key, load)]);
    expect([a.value, b.value]).toEqual([{ models: ["LX24"] }, { models: ["LX24"] }]);
    expect(loads).toBe(1);
  });

  test("see what the other one has loaded, and load when the other one failed", async () => {
    const { key, first, second } = replicas(createShared());
    const failed = first.load(key, () => Promise.reject(new Error("the PLM is down")));
    await expect(failed).rejects.toThrow("the PLM is down");
    await second.load(key, async () => ({ models: ["LX26"] }));
    await expect(first.read(key)).resolves.toMatchObject({ value: { models: ["LX26"] } });
  });
});
