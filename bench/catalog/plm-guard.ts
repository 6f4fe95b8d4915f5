import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createCache } from "../../subgraphs/catalog/products/adapters/cache.ts";
import { createMemoryStore } from "../../subgraphs/catalog/products/adapters/cache-store.ts";
import { createCircuitBreaker } from "../../lib/circuit-breaker.ts";
import { createDetached } from "../../subgraphs/catalog/plm/detached.ts";
import { systemClock } from "../../lib/clock.ts";
import { createLog } from "../../lib/log.ts";

/**
 * `node bench/catalog/plm-guard.ts`: what a hit of the cache costs, what shadow mode adds to an answer, and how
 * fast an open circuit refuses. Figures are CPU time; the last line is JSON. Takes a few seconds, no network.
 */
const log = createLog({ name: "bench", level: "silent" });

const cpuMicros = async (times: number, work: () => Promise<unknown>): Promise<number> => {
  for (let run = 0; run < times / 10; run += 1) await work();
  const before = process.cpuUsage();
  for (let run = 0; run < times; run += 1) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
};

const models = Array.from({ length: 1000 }, (_, index) => ({
  id: `model-${index}`,
  code: `LX${index}`,
  name: `Model ${index}`,
  description: "x".repeat(300),
  trims: Array.from({ length: 3 }, (_trim, trim) => ({ id: `trim-${index}-${trim}`, name: `Trim ${trim}` })),
}));
const bytes = JSON.stringify(models).length;

const deps = {
  store: createMemoryStore({ maxBytes: 268_435_456 }),
  clock: systemClock,
  random: Math.random,
  log,
};
const cache = createCache<typeof models>({ ttlMs: 600_000, staleMs: 1 }, deps);
await cache.load("catalogue", async () => models);
const text = JSON.stringify(models);
const hitMicros = await cpuMicros(20_000, () => cache.read("catalogue"));
const parseMicros = await cpuMicros(100, async () => JSON.parse(text) as unknown);

const breaker = createCircuitBreaker(
  {
    name: "plm",
    rules: { threshold: 5, windowMs: 30_000, openMs: 60_000, openMaxMs: 60_000, probes: 3 },
    slowCallMs: 500,
  },
  {
    clock: systemClock,
    log,
    random: Math.random,
    judge: () => ({ counts: true }),
    probe: async () => undefined,
    onTransition: () => {},
    onFollowed: () => {},
  },
);
const closedMicros = await cpuMicros(20_000, () => breaker.run(async () => undefined));
breaker.isolate("bench");
const refusedMicros = await cpuMicros(20_000, () =>
  breaker.run(async () => undefined).catch(() => undefined),
);
breaker.close();

const detached = createDetached({
  maxConcurrent: 2,
  maxWaiting: 1_000,
  onError: () => {},
  onDropped: () => {},
});
const answerP95Ms = async (withShadow: boolean): Promise<number> => {
  const durations: number[] = [];
  for (let answer = 0; answer < 2_000; answer += 1) {
    const startedAt = performance.now();
    await cache.read("catalogue");
    if (withShadow) detached.start(`model ${answer}`, () => sleep(50));
    durations.push(performance.now() - startedAt);
  }
  return durations.toSorted((a, b) => a - b)[Math.floor(durations.length * 0.95)] ?? 0;
};
await answerP95Ms(true);
const rounds = [];
for (let round = 0; round < 5; round += 1) {
  rounds.push({ off: await answerP95Ms(false), shadow: await answerP95Ms(true) });
}
await detached.close();
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

process.stdout.write(
  `${JSON.stringify({
    cacheBytes: bytes,
    cacheHitMicros: hitMicros,
    parseMicros,
    hitToParseRatio: hitMicros / parseMicros,
    closedCircuitMicros: closedMicros,
    refusedMicros,
    answerP95Ms: median(rounds.map(({ off }) => off)),
    answerWithShadowP95Ms: median(rounds.map(({ shadow }) => shadow)),
  })}\n`,
);
