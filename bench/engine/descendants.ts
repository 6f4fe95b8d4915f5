import { readdirSync, readFileSync } from "node:fs";
import type { Usage } from "./contender.ts";

/** The kernel counts CPU time in hundredths of a second. */
const TICK_US = 10_000;
const PAGE_BYTES = 4_096;

type Below = Pick<Usage, "cpuUs" | "systemUs" | "rssBytes">;

/** What the processes below one have used, those that have ended included; nothing where there is no `/proc`. */
export function usageBelow(pid: number): Below {
  const [, , endedUserUs = 0, endedSystemUs = 0] = ticksOf(pid);
  const total: Below = { cpuUs: endedUserUs + endedSystemUs, systemUs: endedSystemUs, rssBytes: 0 };
  for (const child of childrenOf(pid)) {
    const [userUs = 0, systemUs = 0] = ticksOf(child);
    const below = usageBelow(child);
    total.cpuUs += userUs + systemUs + below.cpuUs;
    total.systemUs += systemUs + below.systemUs;
    total.rssBytes += Number(read(`/proc/${child}/statm`).split(" ")[1] ?? 0) * PAGE_BYTES + below.rssBytes;
  }
  return total;
}

/** User and system time of a process, and of its children that have ended. */
function ticksOf(pid: number): number[] {
  // The name of the program stands in brackets and may hold anything.
  const afterName = read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  return afterName.slice(11, 15).map((ticks) => Number(ticks) * TICK_US);
}

function childrenOf(pid: number): number[] {
  const threads = `/proc/${pid}/task`;
  try {
    return readdirSync(threads).flatMap((thread) =>
      read(`${threads}/${thread}/children`).split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
