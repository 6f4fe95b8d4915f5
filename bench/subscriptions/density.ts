import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { tickScenario } from "./contenders.ts";
import { measure } from "./measure.ts";
import { serveGraph, SUBGRAPH_SECRET, TOKEN_SECRET } from "./subgraphs.ts";
import { ask, createTargets, type Target } from "./targets.ts";

/**
 * What subscriptions hold, and how soon clients are served again that all come back at once:
 * `node bench/subscriptions/density.ts [--base CHECKOUT] [--parts memory,storm] [--storm 5000]`. With a base, another build
 * is measured in the same run, in turns; in a storm so is `ws` alone, which acknowledges and answers whoever subscribes.
 */
const { values } = parseArgs({
  options: {
    base: { type: "string" },
    parts: { type: "string", default: "memory,storm" },
    rounds: { type: "string", default: "1" },
    storm: { type: "string", default: "5000" },
  },
});
const TOPICS = 100;
const SETTLE_MS = 1_500;
const SHAPES = { "10,000 on one socket": [1, 10_000], "20,000 on 2,000 sockets": [2_000, 10] } as const;

const { graph, payload } = tickScenario();
const served = await serveGraph(graph);
const env = {
  SUPERGRAPH_FILE: served.supergraphFile,
  GATEWAY_SUBGRAPH_SECRET: SUBGRAPH_SECRET,
  JWT_SECRET: TOKEN_SECRET,
  SUBSCRIPTIONS_PER_SOCKET: "10000",
};
const builds = { ...(values.base !== undefined && { base: values.base }), ours: undefined };

for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const [build, checkout] of Object.entries(builds)) {
    const targets = createTargets(env, checkout);
    if (values.parts.includes("memory"))
      for (const [shape, [sockets, each]] of Object.entries(SHAPES))
        tell({ build, shape, ...(await held(targets, { sockets, each })) });
    if (values.parts.includes("storm")) tell({ build, ...(await storm(targets, await targets.gateway())) });
  }
  const targets = createTargets(env);
  const welcome = JSON.stringify({ data: { tick: { id: "bench", at: 0 } } });
  if (values.parts.includes("storm"))
    tell({ build: "bare", ...(await storm(targets, await targets.broadcast({ WELCOME: welcome }))) });
}
await served.close();
process.exit(0);

function tell(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** Bytes of a subscription beyond its socket: as many sockets without any are held before. */
async function held(
  targets: ReturnType<typeof createTargets>,
  { sockets, each }: { sockets: number; each: number },
): Promise<object> {
  const gateway = await targets.gateway();
  const clients = targets.clients();
  const open = (task: object) =>
    ask(clients.process, { task: { url: gateway.url, tokenSecret: TOKEN_SECRET, ...task } }, "opened");
  // What all subscriptions share, and the code, is paid for by the first.
  await open({ count: 20, each: TOPICS, topics: TOPICS, payload });
  await open({ count: sockets });
  await sleep(SETTLE_MS);
  const before = await measure(gateway.process, "collect");
  await ask(clients.process, { more: { each, topics: TOPICS, payload, last: sockets } }, "opened");
  await sleep(SETTLE_MS);
  const after = await measure(gateway.process, "collect");
  await stop(gateway, clients);
  const count = sockets * each;
  return {
    subscriptions: count,
    heldBytes: Math.round((after.heldBytes - before.heldBytes) / count),
    rssBytes: Math.round((after.rssBytes - before.rssBytes) / count),
  };
}

/** Milliseconds until everybody has an event again, when all sockets are cut at once. */
async function storm(targets: ReturnType<typeof createTargets>, gateway: Target): Promise<object> {
  const count = Number(values.storm);
  const clients = targets.clients();
  const task = { url: gateway.url, tokenSecret: TOKEN_SECRET, count, payload };
  await ask(clients.process, { task }, "opened");
  await sleep(SETTLE_MS);
  const before = await measure(gateway.process);
  const readyAgainMs = await ask<number>(clients.process, { storm: true }, "ready");
  const after = await measure(gateway.process);
  await stop(gateway, clients);
  const cpuMs = after.cpuMs - before.cpuMs;
  return { storm: count, readyAgainMs: Math.round(readyAgainMs), gatewayCpuMs: Math.round(cpuMs) };
}

async function stop(...targets: Target[]): Promise<void> {
  for (const target of targets) await target.stop();
}
