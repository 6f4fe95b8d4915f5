import { setTimeout as sleep } from "node:timers/promises";
import type { LiveGraph } from "./subgraphs.ts";
import { measure } from "./measure.ts";
import { ask, type Targets } from "./targets.ts";

const SETTLE_MS = 1_500;

/** Memory of sockets that are signed in, subscribe to a quiet stream, and do nothing. */
export async function measureIdle({ targets, sockets }: { targets: Targets; sockets: number }) {
  const gateway = await targets.gateway();
  const clients = targets.clients();
  // The first hundred pay for code and buffers that everybody shares.
  await ask(clients.process, { task: { url: gateway.url, count: 100 } }, "opened");
  const before = await measure(gateway.process, "collect");
  const opened = await ask<number>(clients.process, { task: { url: gateway.url, count: sockets } }, "opened");
  await sleep(SETTLE_MS);
  const after = await measure(gateway.process, "collect");
  await clients.stop();
  await gateway.stop();
  return {
    sockets: opened,
    rssKilobytesPerSocket: Math.round((after.rssBytes - before.rssBytes) / sockets / 102.4) / 10,
  };
}

/** Memory while 40 of 80 clients have stopped reading and large events go on. */
export async function measureStalled(settings: { graph: LiveGraph; targets: Targets; events: number }) {
  const { graph, targets, events } = settings;
  const gateway = await targets.gateway({ SUBSCRIPTION_CONFLATED_FIELDS: "tick" });
  const clients = targets.clients();
  const query = `subscription { tick(topic: "stalled", size: 20000) { number padding } }`;
  await ask(
    clients.process,
    { task: { url: gateway.url, count: 80, stalled: 40, payload: { query } } },
    "opened",
  );
  const emit = async () => {
    for (let event = 0; event < events; event++) {
      graph.emit("stalled");
      await sleep(5);
    }
    await sleep(SETTLE_MS);
    const { rssBytes, heldBytes } = await measure(gateway.process, "collect");
    return {
      rssMegabytes: Math.round(rssBytes / 1_048_576),
      heldMegabytes: Math.round(heldBytes / 1_048_576),
    };
  };
  const phases = [await emit(), await emit(), await emit()];
  const { received } = await ask<{ received: number }>(clients.process, { report: true }, "report");
  await clients.stop();
  await gateway.stop();
  return { stalledClients: 40, eventsPerPhase: events, phases, received };
}
