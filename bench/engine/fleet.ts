import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { usageBelow } from "./descendants.ts";
import type { Setting, Usage } from "./contender.ts";

/** A contender's process. */
export interface Running {
  url: string;
  /** Of the process and those that it has started, where the system tells of them (Linux). */
  usage(): Promise<Usage>;
  /** Tells it something that it understands by itself. */
  tell(message: string): void;
  stop(): Promise<void>;
}

export interface Launch {
  /** File in `contenders/`, without its ending. */
  file: string;
  setting?: Setting;
  /** Another checkout of this project whose gateway is meant; default: this one. */
  checkout?: string | undefined;
  env?: Record<string, string>;
  /** Options for Node. */
  execArgv?: string[];
}

const START_LIMIT_MS = 90_000;
/** Some peers wait for ever for their connections; after this they are ended. */
const STOP_LIMIT_MS = 3_000;

/** Starts a contender; rejects when it does not come up, so that the bench can go on without it. */
export async function launch({ file, setting, checkout, env = {}, execArgv = [] }: Launch): Promise<Running> {
  const child = fork(new URL(`contenders/${file}.ts`, import.meta.url), [], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    execArgv,
    env: {
      ...process.env,
      NODE_ENV: "production",
      APOLLO_TELEMETRY_DISABLED: "true",
      BENCH_SETTING: JSON.stringify(setting ?? {}),
      ...(checkout !== undefined && { BENCH_CHECKOUT: checkout }),
      ...env,
    },
  });
  let problem = "";
  child.stderr?.on("data", (chunk: Buffer) => (problem = (problem + chunk.toString()).slice(-2_000)));
  try {
    const { url } = await messageOf<{ url: string }>(child, START_LIMIT_MS);
    return {
      url,
      usage: async () => {
        const answer = messageOf<{ usage: Usage }>(child, 10_000);
        child.send("usage");
        const { usage } = await answer;
        const below = usageBelow(child.pid ?? 0);
        return {
          ...usage,
          cpuUs: usage.cpuUs + below.cpuUs,
          systemUs: usage.systemUs + below.systemUs,
          rssBytes: usage.rssBytes + below.rssBytes,
        };
      },
      tell: (message) => void child.send(message),
      stop: async () => {
        if (!child.connected) return;
        const gone = once(child, "exit");
        const killer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
        // A contender ends by itself when nobody listens to it any more.
        child.disconnect();
        await gone;
        clearTimeout(killer);
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(
      `${file} did not start: ${problem.trim().split("\n").slice(-12).join("\n") || String(error)}`,
      { cause: error },
    );
  }
}

async function messageOf<T>(child: ChildProcess, limitMs: number): Promise<T> {
  const done = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(limitMs), done.signal]);
  const left = once(child, "exit", { signal }).then(() => {
    throw new Error("the process ended");
  });
  try {
    const [message] = (await Promise.race([once(child, "message", { signal }), left])) as [T];
    return message;
  } finally {
    left.catch(() => {});
    done.abort();
  }
}
