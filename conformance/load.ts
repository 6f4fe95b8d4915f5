import { given } from "./rule.ts";
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { open, type Socket } from "./socket.ts";
import type { Target } from "./target.ts";

export interface LoadOptions {
  sockets: number;
  /** On each socket. */
  subscriptions: number;
  seconds: number;
  /** Path in the data of an event to the time when it was made, in milliseconds since 1970. */
  at: readonly string[] | undefined;
  /** The server's process, where it runs on this machine. */
  pid: number | undefined;
}

interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** What a load costs, and how long things take; a value that cannot be known is not there. */
export interface LoadFigures {
  sockets: number;
  subscriptions: number;
  connectMs: Percentiles | undefined;
  firstEventMs: Percentiles | undefined;
  messages: number;
  messagesPerSecond: number;
  latencyMs?: Percentiles | undefined;
  serverCpuUsPerMessage?: number;
  serverRssMb?: number;
  lost: number;
}

/** Opens sockets, subscribes on each, and counts for a while. */
export async function load(target: Target, options: LoadOptions): Promise<LoadFigures> {
  const query = given(target, "subscription");
  const sockets: Socket[] = [];
  const connectMs: number[] = [];
  const firstEventMs: number[] = [];
  try {
    for (let nth = 0; nth < options.sockets; nth++) {
      const startedMs = performance.now();
      sockets.push(await open(target));
      connectMs.push(performance.now() - startedMs);
    }
    const counter = countMessages(sockets, options.at);
    for (const socket of sockets) {
      const startedMs = performance.now();
      for (let nth = 0; nth < options.subscriptions; nth++) socket.subscribe(`${nth}`, query);
      await socket.next("next", `${options.subscriptions - 1}`);
      firstEventMs.push(performance.now() - startedMs);
    }
    counter.begin();
    const cpuBefore = cpuMsOf(options.pid);
    await sleep(options.seconds * 1_000);
    const { messages, latencies } = counter.end();
    const cpuAfter = cpuMsOf(options.pid);
    const lost = sockets.filter((socket) => !socket.isOpen()).length;
    return {
      sockets: options.sockets,
      subscriptions: options.sockets * options.subscriptions,
      connectMs: percentilesOf(connectMs),
      firstEventMs: percentilesOf(firstEventMs),
      messages,
      messagesPerSecond: Math.round(messages / options.seconds),
      lost,
      ...(options.at && { latencyMs: percentilesOf(latencies) }),
      ...(cpuBefore !== undefined &&
        cpuAfter !== undefined &&
        messages > 0 && { serverCpuUsPerMessage: Math.round(((cpuAfter - cpuBefore) * 1_000) / messages) }),
      ...(options.pid !== undefined && { serverRssMb: rssMbOf(options.pid) }),
    };
  } finally {
    for (const { raw } of sockets) raw.terminate();
  }
}

/** Counts what comes on all sockets between `begin` and `end`, and forgets the messages themselves. */
function countMessages(sockets: readonly Socket[], at: LoadOptions["at"]) {
  let messages = 0;
  let isCounting = false;
  let latencies: number[] = [];
  for (const socket of sockets)
    socket.raw.on("message", (data) => {
      if (!isCounting) return;
      messages += 1;
      // Reading each of them would be most of the work here.
      const madeAt = at && messages % 16 === 0 ? timeIn((data as Buffer).toString(), at) : undefined;
      if (madeAt !== undefined) latencies.push(Date.now() - madeAt);
      socket.messages.length = 0;
    });
  return {
    begin: () => {
      [messages, latencies, isCounting] = [0, [], true];
    },
    end: () => {
      isCounting = false;
      return { messages, latencies };
    },
  };
}

function timeIn(text: string, at: readonly string[]): number | undefined {
  const { payload } = JSON.parse(text) as { payload?: { data?: unknown } };
  const value = at.reduce<unknown>(
    (inside, key) => (inside as Record<string, unknown> | undefined)?.[key],
    payload?.data,
  );
  return typeof value === "number" ? value : undefined;
}

function percentilesOf(values: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 10) / 10;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

const psOf = (pid: number, what: string): string =>
  execFileSync("ps", ["-o", `${what}=`, "-p", String(pid)], { encoding: "utf8" }).trim();

/** CPU time of a process so far; to the hundredth of a second, where the system tells of it (Linux). */
function cpuMsOf(pid: number | undefined): number | undefined {
  if (pid === undefined || process.platform !== "linux") return undefined;
  const [, user = "0", system = "0"] =
    /\) \S(?: \S+){10} (\d+) (\d+)/.exec(execFileSync("cat", [`/proc/${pid}/stat`], { encoding: "utf8" })) ??
    [];
  return (Number(user) + Number(system)) * 10;
}

const rssMbOf = (pid: number): number => Math.round(Number(psOf(pid, "rss")) / 1024);
