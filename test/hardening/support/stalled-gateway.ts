import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { COMPILED } from "../../support/script.ts";

/** A gateway in a process of its own, whose live heap can be measured. */
export interface StalledGateway {
  port: number;
  /** Bytes on the heap and in buffers after a full collection. */
  liveBytes(): Promise<number>;
  /** Bytes of memory that the process has of the machine. */
  residentBytes(): Promise<number>;
  /** Sends so many events, each with so many bytes of text, to whoever subscribes to `texts`; returns the number of the last. */
  emit: (count: number) => Promise<number>;
  /** A metric, all of its labels summed up; with `label` only lines that contain it. */
  metric(name: string, label?: string): Promise<number>;
  stop(): Promise<void>;
}

const PROCESS = fileURLToPath(new URL("stalled-gateway-process.ts", import.meta.url));

/** Starts it; `root` is the checkout that it is taken from, default this one. */
export async function startStalledGateway({
  env = {},
  root = fileURLToPath(new URL("../../..", import.meta.url)),
}: { env?: Record<string, string>; root?: string } = {}): Promise<StalledGateway> {
  const child = fork(PROCESS, [], {
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: {
      ...COMPILED,
      PATH: process.env["PATH"],
      ROOT: root,
      GATEWAY_ENV: JSON.stringify(env),
    },
  });
  const ask = asker(child);
  const port = await ask("port");
  return {
    port,
    liveBytes: () => ask("liveBytes"),
    residentBytes: () => ask("residentBytes"),
    emit: (count) => ask(`emit ${count}`),
    metric: async (name, label = "") => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const lines = text.split("\n").filter((line) => line.split(/[{ ]/)[0] === name && line.includes(label));
      return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    },
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** One question at a time, each with a number for an answer. */
function asker(child: ChildProcess): (question: string) => Promise<number> {
  let last: Promise<unknown> = Promise.resolve();
  return (question) => {
    const answer = last.then(async () => {
      const message = once(child, "message");
      child.send(question);
      const [value] = (await message) as [number];
      return value;
    });
    last = answer.catch(() => {});
    return answer;
  };
}
