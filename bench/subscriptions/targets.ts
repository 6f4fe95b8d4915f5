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
  broadcast(): Promise<Target>;
  clients(): Target;
}

export function createTargets(gatewayEnv: Record<string, string>): Targets {
  const started = async (file: string, env: Record<string, string>): Promise<Target> => {
    const child = start(file, env);
    const [message] = (await once(child, "message")) as [{ ready: string }];
    return { process: child, url: message.ready, stop: () => stop(child) };
  };
  return {
    gateway: (env = {}) =>
      started("gateway-process.ts", {
        PORT: "0",
        AUTH_MODE: "off",
        SUBSCRIPTION_DRAIN_SECONDS: "0",
        ...gatewayEnv,
        ...env,
      }),
    broadcast: () => started("broadcast-process.ts", {}),
    clients: () => {
      const child = start("clients-process.ts", {});
      return { process: child, url: "", stop: () => stop(child) };
    },
  };
}

function start(file: string, env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ["--expose-gc", `${import.meta.dirname}/${file}`], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Sends a message and waits for the answer that has `key`. */
export async function ask<T>(child: ChildProcess, message: object, key: string): Promise<T> {
  child.send(message);
  for (;;) {
    const [answer] = (await once(child, "message")) as [Record<string, T>];
    if (key in answer) return answer[key] as T;
  }
}
