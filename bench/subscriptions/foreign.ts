import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { conformanceOf } from "./conformance.ts";
import { ask, type Target } from "./targets.ts";
import { percentile } from "./throughput.ts";

export interface ForeignTask {
  /** `ws://host/graphql` of any gateway. */
  url: string;
  /** A subscription whose events come by themselves; latency is known if they say `at`, milliseconds since 1970. */
  query: string;
  /** The gateway's process, if it runs here: then its CPU is known. */
  pid: number | undefined;
  count: number;
  seconds: number;
}

/** The protocol's rules and a load on a gateway that somebody else started. */
export async function measureForeign({ url, query, pid, count, seconds }: ForeignTask, clients: Target) {
  const conformance = await conformanceOf(url, query);
  await ask(clients.process, { task: { url, count, payload: { query } } }, "opened");
  await ask(clients.process, { reset: true }, "reset");
  const beforeMs = cpuMs(pid);
  await sleep(seconds * 1000);
  const usedMs = cpuMs(pid) - beforeMs;
  const { received, lateMs } = await ask<{ received: number; lateMs: number[] }>(
    clients.process,
    { report: true },
    "report",
  );
  await clients.stop();
  const late = Float64Array.from(lateMs).sort();
  return {
    conformance,
    clients: count,
    delivered: received,
    deliveredPerSecond: Math.round(received / seconds),
    ...(pid !== undefined && { cpuMicrosPerMessage: Math.round((usedMs * 1e5) / received) / 100 }),
    ...(late.length > 0 && { p50Ms: percentile(late, 0.5), p99Ms: percentile(late, 0.99) }),
  };
}

/** User and system time of a process in milliseconds, from the kernel's books: a hundred ticks are a second. */
function cpuMs(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
