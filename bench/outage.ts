import { setTimeout as pause } from "node:timers/promises";
import { option, say } from "./engine/command-line.ts";
import type { Launch, Running } from "./engine/fleet.ts";
import { costBetween, median, type Cost } from "./engine/in-turns.ts";
import { load } from "./engine/load.ts";
import { bodiesOf, headersOf, onStage, setUpProjects } from "./engine/stage.ts";

/**
 * `node run.cjs bench/outage.ts [--base CHECKOUT] [--rounds N]`: what the large operation costs while its second subgraph is
 * down, while one entity of 32 fails (`faulty`: masked, and logged for each request; `coded`: told as it is), and five seconds after each, beside what it costs while all is well. States take
 * turns, so that what disturbs a round disturbs all of them.
 */
const base = option("base");
const ROUNDS = Number(option("rounds") ?? 5);
const ROUND_MS = 700;
const WARM_UP_MS = 5_000;
/** How long after the return of a subgraph the old cost has to be back. */
const RECOVERY_MS = 5_000;

const LAUNCHES: Record<string, Launch> = {
  ours: { file: "ours" },
  ...(base !== undefined && { base: { file: "ours", checkout: base } }),
};
await onStage(async (stage) => {
  const { subgraphs, setting } = await setUpProjects(stage);
  const catalog = subgraphs.get("catalog");
  if (!catalog) throw new Error("there is no catalogue");
  const headers = await headersOf("bench");
  for (const [name, options] of Object.entries(LAUNCHES)) {
    const gateway = await stage.start({ ...options, setting });
    say(JSON.stringify({ [name]: await statesOf(gateway, catalog, headers) }));
    await gateway.stop();
  }
});

async function statesOf(gateway: Running, catalog: Running, headers: Record<string, string>) {
  const bodies = bodiesOf("large");
  const costs = new Map<string, Cost[]>();
  const measure = async (state: string, durationMs = ROUND_MS) => {
    const before = await gateway.usage();
    const { requests, failures } = await load({
      url: gateway.url,
      bodies,
      headers,
      connections: 16,
      durationMs,
    });
    if (failures > 0) throw new Error(`${failures} of ${requests} requests failed while ${state}`);
    costs.set(state, [...(costs.get(state) ?? []), costBetween(before, await gateway.usage(), requests)]);
  };
  const become = async (state: string) => {
    catalog.tell(state);
    // Circuits open meanwhile, and what was compiled for health is given up.
    await load({ url: gateway.url, bodies, headers, connections: 16, durationMs: ROUND_MS });
  };
  for (const state of ["healthy", "down", "faulty", "coded"]) {
    catalog.tell(state);
    await load({ url: gateway.url, bodies, headers, connections: 16, durationMs: WARM_UP_MS });
  }
  catalog.tell("healthy");
  await pause(RECOVERY_MS);
  costs.clear();
  for (let round = 0; round < ROUNDS; round++) {
    await measure("healthy");
    for (const state of ["down", "faulty", "coded"]) {
      await become(state);
      await measure(state);
      catalog.tell("healthy");
      await pause(RECOVERY_MS);
      await measure(`${RECOVERY_MS / 1000} s after ${state}`);
    }
  }
  return Object.fromEntries(
    [...costs].map(([state, all]) => {
      const times = (of: keyof Cost) =>
        median(all.map((cost, round) => cost[of] / (costs.get("healthy")?.[round]?.[of] ?? Number.NaN)));
      const us = Math.round(median(all.map(({ totalUs }) => totalUs)));
      return [state, { us, times: hundredths(times("totalUs")), userTimes: hundredths(times("userUs")) }];
    }),
  );
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
