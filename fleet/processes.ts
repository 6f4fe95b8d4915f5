import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const KEPT_CHARACTERS = 4_000;

export interface RunningProcess {
  child: ChildProcess;
  /** The end of what it wrote to its error output. */
  lastWords: () => string;
}

/** Starts one of our entry points, of this build or that of another checkout, with this environment and nothing else of ours. */
export function startProcess(
  entry: string,
  env: Record<string, string>,
  checkout: string = root,
): RunningProcess {
  const child = spawn(process.execPath, [resolve(checkout, entry)], {
    cwd: checkout,
    env: { ...inherited(), ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-KEPT_CHARACTERS);
  });
  return { child, lastWords: () => words.trim() };
}

/** Where programs and what Node has compiled are: without the latter each start costs twice as much. */
const inherited = () =>
  Object.fromEntries(["PATH", "HOME", "NODE_COMPILE_CACHE"].map((name) => [name, process.env[name]]));

/** Sends a signal and waits for the end; answers the exit code, null when the signal ended it. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (hasEnded(child)) return child.exitCode;
  const exited = once(child, "exit");
  child.kill(signal);
  if (signal === "SIGTERM") child.kill("SIGCONT");
  await exited;
  return child.exitCode;
}

export const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

export const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** Below those that systems hand out by themselves, so that nobody takes one before its process starts. */
const [FIRST_PORT, LAST_PORT] = [12_000, 32_000];

/** Ports that were free a moment ago: the processes have to know each other's before they start. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
    await once(server.close(), "close");
    return true;
  } catch {
    return false;
  }
}
