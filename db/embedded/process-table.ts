import { readFile } from "node:fs/promises";
import { run } from "./run.ts";

/**
 * Tells a process from every other one that ever had its number: its id and when it began. Undefined when there
 * is no such process, or only its corpse (a zombie still answers to signals, and pg_ctl takes it for alive).
 */
export async function identify(pid: number): Promise<string | undefined> {
  const entry = process.platform === "linux" ? await statOf(pid) : await psOf(pid);
  return entry && !/^[ZX]/.test(entry.state) ? `${pid}@${entry.began}` : undefined;
}

/** Whether the process that `identify` named still runs. */
export async function isRunning(identity: string): Promise<boolean> {
  return (await identify(Number.parseInt(identity, 10))) === identity;
}

/** The command line of a process, empty when there is none. */
export async function commandOf(pid: number): Promise<string> {
  try {
    if (process.platform !== "linux") return await run("/bin/ps", ["-o", "command=", "-p", String(pid)]);
    return (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
  } catch {
    return "";
  }
}

interface Entry {
  state: string;
  began: string;
}

/** From /proc, because `ps` is missing in small containers. The name in parentheses may hold anything. */
async function statOf(pid: number): Promise<Entry | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", began: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

async function psOf(pid: number): Promise<Entry | undefined> {
  try {
    const [state = "", ...began] = (await run("/bin/ps", ["-o", "stat=,lstart=", "-p", String(pid)])).split(
      /\s+/,
    );
    return { state, began: began.join("-") };
  } catch {
    return undefined;
  }
}
