import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** A process under measurement, or one that measures, on a channel of messages. */
export interface Target {
  process: ChildProcess;
  url: string;
  stop(): Promise<void>;
}

export interface Targets {
  gateway(env?: Record<string, string>): Promise<Target>;
  broadcast(env?: Record<string, string>): Promise<Target>;
  /** Rejects where bench/node_modules is not installed. */
  hive(): Promise<Target>;
  clients(): Target;
}

/** @param checkout of another build, whose gateway is started in place of this one's */
export function createTargets(gatewayEnv: Record<string, string>, checkout?: string): Targets {
  const started = async (file: string, env: Record<string, string>): Promise<Target> => {
    const folder = checkout === undefined ? undefined : `${checkout}/bench/subscriptions`;
    const child = start(file, env, file === "gateway-process.ts" ? folder : undefined);
    const left = once(child, "exit").then(() => Promise.reject(new Error(`${file} did not start`)));
    const [message] = (await Promise.race([once(child, "message"), left])) as [{ ready: string }];
    return { process: child, url: message.ready, stop: () => stop(child) };
  };
  return {
    gateway: (env = {}) =>
      started("gateway-process.ts", {
        PORT: "0",
        SUBSCRIPTION_DRAIN_SECONDS: "0",
        ...gatewayEnv,
        ...env,
      }),
    broadcast: (env = {}) => started("broadcast-process.ts", env),
    hive: () => started("hive-process.ts", { ...gatewayEnv, NODE_ENV: "production" }),
    clients: () => {
      const child = start("clients-process.ts", {});
      return { process: child, url: "", stop: () => stop(child) };
    },
  };
}

function start(
  file: string,
  env: Record<string, string>,
  folder: string = import.meta.dirname,
): ChildProcess {
  return spawn(process.execPath, ["--expose-gc", `${folder}/${file}`], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/**
 * Sends a message and waits for the answer that has `key`.
 *
 * @throws Error when the process ends instead
 */
export async function ask<T>(child: ChildProcess, message: object, key: string): Promise<T> {
  const settled = new AbortController();
  const { signal } = settled;
  const ended = once(child, "exit", { signal }).then(() =>
    Promise.reject(new Error("A process ended early")),
  );
  ended.catch(() => {});
  child.send(message);
  try {
    for (;;) {
      const [answer] = (await Promise.race([once(child, "message", { signal }), ended])) as [
        Record<string, T>,
      ];
      if (key in answer) return answer[key] as T;
    }
  } finally {
    settled.abort();
  }
}
