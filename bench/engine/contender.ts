import type { IncomingMessage, Server } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";

/** A gateway in a process of its own, which tells its address and, when asked, what it has used. */
export interface Usage {
  cpuUs: number;
  /** The part of it that the kernel took. */
  systemUs: number;
  rssBytes: number;
  /** How late its event loop was since it was last asked, in milliseconds, at the 99th percentile. */
  loopDelayP99Ms: number;
  /** Requests that it has been sent, where that is counted. */
  calls?: number;
}

/** What the bench tells a contender. */
export interface Setting {
  supergraphFile: string;
  subgraphs: Record<string, string>;
  jwtSecret: string;
  /** What else the environment of our own gateway says. */
  environment?: Record<string, string>;
}

export const setting = JSON.parse(process.env["BENCH_SETTING"] ?? "{}") as Setting;

/** Runs a contender until the bench ends it. */
export async function contend(start: () => Promise<string>, calls?: { count: number }): Promise<void> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const send = (message: unknown) => process.send?.(message);
  process.on("message", (message) => {
    if (message !== "usage") return;
    const { user, system } = process.cpuUsage();
    const used: Usage = {
      cpuUs: user + system,
      systemUs: system,
      rssBytes: process.memoryUsage().rss,
      loopDelayP99Ms: delays.percentile(99) / 1e6,
      ...(calls && { calls: calls.count }),
    };
    delays.reset();
    send({ usage: used });
  });
  process.on("disconnect", () => process.exit());
  send({ url: await start() });
}

/** Listens on a free port of this machine. */
export const listen = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/graphql`);
    });
  });

/** The body of a request. */
export function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks).toString()));
    request.on("error", reject);
  });
}
