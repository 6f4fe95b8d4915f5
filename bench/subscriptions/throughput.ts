import { setTimeout as sleep } from "node:timers/promises";
import type { TickerGraph } from "../../test/subscriptions/support/ticker-graph.ts";
import { measure } from "./measure.ts";
import { ask, type Target, type Targets } from "./targets.ts";

/** About 1.3 KB an event. */
const SIZE_CHARACTERS = 1_100;
const QUERY = `subscription { tick(topic: "bench", size: ${SIZE_CHARACTERS}) { number at tenant padding place { name height } } }`;
const PAUSE_MS = 250;

export interface Round {
  cpuMicrosPerMessage: number;
  p50Ms: number;
  p99Ms: number;
  delivered: number;
  expected: number;
}

interface Settings {
  graph: TickerGraph;
  targets: Targets;
  clients: number;
  events: number;
  rounds: number;
}

/** Gateway and bare broadcast in turns: the same events to as many clients. */
export async function compare(settings: Settings) {
  const bare: Round[] = [];
  const ours: Round[] = [];
  for (let round = 0; round < settings.rounds; round++) {
    bare.push(await broadcastRound(settings));
    ours.push(await gatewayRound(settings));
  }
  const ratio = (pick: (round: Round) => number) => median(ours.map(pick)) / median(bare.map(pick));
  return {
    bare,
    ours,
    cpuRatio: rounded(ratio((round) => round.cpuMicrosPerMessage)),
    p99Ratio: rounded(ratio((round) => round.p99Ms)),
  };
}

async function gatewayRound({ graph, targets, clients, events }: Settings): Promise<Round> {
  const gateway = await targets.gateway();
  const emit = () => void graph.emit("bench");
  return round({ target: gateway, clients: targets.clients(), count: clients, events, query: QUERY, emit });
}

async function broadcastRound({ targets, clients, events }: Settings): Promise<Round> {
  const broadcast = await targets.broadcast();
  let number = 0;
  const emit = () => {
    const at = performance.timeOrigin + performance.now();
    const tick = {
      number: ++number,
      at,
      tenant: "default",
      padding: "x".repeat(SIZE_CHARACTERS),
      place: { name: "Place bench", height: 7 },
    };
    const payload = { data: { tick }, extensions: { eventId: String(number) } };
    const id = "6f1c2c7e-5d0e-4b0e-9f3b-0a4c1f6b7d11";
    broadcast.process.send({ broadcast: JSON.stringify({ type: "next", payload, id }) });
  };
  return round({ target: broadcast, clients: targets.clients(), count: clients, events, emit });
}

interface RoundSettings {
  target: Target;
  clients: Target;
  count: number;
  events: number;
  query?: string;
  emit: () => void;
}

async function round({ target, clients, count, events, query, emit }: RoundSettings): Promise<Round> {
  await ask(clients.process, { task: { url: target.url, count, ...(query && { query }) } }, "opened");
  for (let warm = 0; warm < 5; warm++) {
    emit();
    await sleep(PAUSE_MS);
  }
  await ask(clients.process, { reset: true }, "reset");
  const before = await measure(target.process);
  for (let event = 0; event < events; event++) {
    emit();
    await sleep(PAUSE_MS);
  }
  await sleep(1_000);
  const after = await measure(target.process);
  const report = await ask<{ received: number; lateMs: number[] }>(
    clients.process,
    { report: true },
    "report",
  );
  await clients.stop();
  await target.stop();
  const late = report.lateMs.sort((a, b) => a - b);
  return {
    cpuMicrosPerMessage: rounded(((after.cpuMs - before.cpuMs) * 1000) / report.received),
    p50Ms: rounded(late[Math.floor(late.length / 2)] ?? 0),
    p99Ms: rounded(late[Math.floor(late.length * 0.99)] ?? 0),
    delivered: report.received,
    expected: count * events,
  };
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const rounded = (value: number) => Math.round(value * 100) / 100;
