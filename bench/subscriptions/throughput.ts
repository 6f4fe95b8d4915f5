import { setTimeout as sleep } from "node:timers/promises";
import type { Contender, ContenderName } from "./contenders.ts";
import { measure } from "./measure.ts";
import { ask, type Target } from "./targets.ts";

/** Shortest distance between two events; the next also waits until everybody has the last. */
const PAUSE_MS = 250;
/** An event that somebody has not got by then is lost. */
const EVENT_LIMIT_MS = 60_000;

interface Round {
  cpuMicrosPerMessage: number;
  userMicrosPerMessage: number;
  delivered: number;
  expected: number;
  /** Of every message, in milliseconds from the event to its arrival at a client. */
  lateMs: Float64Array;
  bytesPerMessage: number;
}

export interface Figures {
  cpuMicrosPerMessage: number;
  /** Without what the kernel takes to write to sockets and to wake those who read them. */
  userMicrosPerMessage: number;
  p50Ms: number;
  p99Ms: number;
  /** Of each round on its own, to see how far the machine can be trusted. */
  p99MsByRound: number[];
  delivered: number;
  expected: number;
  bytesPerMessage: number;
}

export interface Settings {
  contenders: readonly Contender[];
  clients(): Target;
  count: number;
  /** Events before those that are measured, so that what is measured is compiled code. */
  warmUpEvents: number;
  events: number;
  rounds: number;
  /** Every client signs in with a token of its own, signed with this secret. */
  tokenSecret: string | undefined;
}

/** Contenders in turns: the same events to as many clients, which are a process of their own. */
export async function compare(settings: Settings): Promise<Partial<Record<ContenderName, Figures>>> {
  const rounds = new Map<ContenderName, Round[]>();
  for (let turn = 0; turn < settings.rounds; turn++) {
    for (const contender of settings.contenders) {
      const done = await round(contender, settings);
      rounds.set(contender.name, [...(rounds.get(contender.name) ?? []), done]);
    }
  }
  return Object.fromEntries([...rounds].map(([name, all]) => [name, figures(all)]));
}

async function round(contender: Contender, settings: Settings): Promise<Round> {
  const { count, events, warmUpEvents } = settings;
  const [target, clients] = [await contender.start(), settings.clients()];
  const { payload } = contender;
  const task = { url: target.url, count, tokenSecret: settings.tokenSecret, ...(payload && { payload }) };
  await ask(clients.process, { task }, "opened");
  const emit = async (number: number) => {
    for (let event = 1; event <= number; event++) {
      contender.emit(target);
      await sleep(PAUSE_MS);
      await everybodyHas(clients, event * count);
    }
  };
  await ask(clients.process, { reset: true }, "reset");
  await emit(warmUpEvents);
  await ask(clients.process, { reset: true }, "reset");
  const before = await measure(target.process, "collect");
  await emit(events);
  const after = await measure(target.process);
  const report = await ask<{ received: number; receivedBytes: number; lateMs: number[] }>(
    clients.process,
    { report: true },
    "report",
  );
  await clients.stop();
  await target.stop();
  return {
    cpuMicrosPerMessage: ((after.cpuMs - before.cpuMs) * 1000) / report.received,
    userMicrosPerMessage: ((after.userMs - before.userMs) * 1000) / report.received,
    delivered: report.received,
    expected: count * events,
    bytesPerMessage: report.receivedBytes / report.received,
    lateMs: Float64Array.from(report.lateMs).sort(),
  };
}

async function everybodyHas(clients: Target, messages: number): Promise<void> {
  const givenUpAt = performance.now() + EVENT_LIMIT_MS;
  while (performance.now() < givenUpAt) {
    if ((await ask<number>(clients.process, { count: true }, "count")) >= messages) return;
    await sleep(20);
  }
}

function figures(rounds: readonly Round[]): Figures {
  const late = Float64Array.from(rounds.flatMap(({ lateMs }) => [...lateMs])).sort();
  const sum = (pick: (round: Round) => number) => rounds.reduce((total, each) => total + pick(each), 0);
  return {
    cpuMicrosPerMessage: rounded(median(rounds.map((each) => each.cpuMicrosPerMessage))),
    userMicrosPerMessage: rounded(median(rounds.map((each) => each.userMicrosPerMessage))),
    p50Ms: percentile(late, 0.5),
    p99Ms: percentile(late, 0.99),
    p99MsByRound: rounds.map(({ lateMs }) => percentile(lateMs, 0.99)),
    delivered: sum(({ delivered }) => delivered),
    expected: sum(({ expected }) => expected),
    bytesPerMessage: Math.round(rounds[0]?.bytesPerMessage ?? 0),
  };
}

/** Of values in order. */
const percentile = (sorted: ArrayLike<number>, share: number) =>
  rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const rounded = (value: number) => Math.round(value * 100) / 100;
