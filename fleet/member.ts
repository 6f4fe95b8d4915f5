import { readFile } from "node:fs/promises";
import { waitFor } from "../lib/wait.ts";
import { answers, endProcess, hasEnded, startProcess, type RunningProcess } from "./processes.ts";

/** One process of a fleet, which keeps its address however often it is started again. */
export interface Member {
  /** Like `plms-1`. */
  name: string;
  url: string;
  /** Starts the process, again when it ended, and waits until it is ready. */
  start(): Promise<void>;
  /** Another checkout, or this one, has the build that is started from now on. */
  runFrom(checkout: string | undefined): void;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Asks it to stop; answers the exit code. */
  stop(): Promise<number | null>;
  /** Asks it to stop; it is not started again. */
  close(): Promise<void>;
  /** Freezes the process with everything open, until `thaw`. */
  freeze(): void;
  thaw(): void;
  isRunning(): boolean;
  /** Of the process that runs now; undefined before the first. */
  pid(): number | undefined;
  /** Resident memory in MiB. */
  memoryMiB(): Promise<number>;
}

export interface MemberOptions {
  name: string;
  entry: string;
  port: number;
  env: Record<string, string>;
  /** Addresses that answer once it is ready; default: its own /readyz. */
  readyAt?: readonly string[];
  /** Of another build, which is run until told otherwise. */
  checkout?: string | undefined;
}

const READY_WITHIN_MS = 180_000;

export function createMember({ name, entry, port, env, readyAt, ...options }: MemberOptions): Member {
  const url = `http://127.0.0.1:${port}`;
  const probes = readyAt ?? [`${url}/readyz`];
  let current: RunningProcess | undefined;
  let { checkout } = options;
  let isClosed = false;
  const isRunning = () => current !== undefined && !hasEnded(current.child);
  const end = async (signal: NodeJS.Signals) => (current ? endProcess(current.child, signal) : null);
  return {
    name,
    url,
    start: async () => {
      if (isClosed) throw new Error(`${name} is closed`);
      current = startProcess(entry, env, checkout);
      const { child, lastWords } = current;
      const isReady = async () => hasEnded(child) || (await Promise.all(probes.map(answers))).every(Boolean);
      await waitFor(isReady, { timeoutMs: READY_WITHIN_MS, what: `${name} to be ready` });
      if (hasEnded(child)) throw new Error(`${name} did not start: ${lastWords()}`);
    },
    runFrom: (given) => {
      checkout = given;
    },
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    close: async () => {
      isClosed = true;
      await end("SIGTERM");
    },
    freeze: () => void current?.child.kill("SIGSTOP"),
    thaw: () => void current?.child.kill("SIGCONT"),
    isRunning,
    pid: () => current?.child.pid,
    memoryMiB: async () => {
      const status = await readFile(`/proc/${current?.child.pid}/status`, "utf8").catch(() => "");
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    },
  };
}
