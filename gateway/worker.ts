import type { Socket } from "node:net";
import { createLog } from "../lib/log.ts";
import { runProcess } from "../lib/process.ts";
import { readGatewayConfig, type GatewayConfig } from "./config.ts";
import { createGateway, type Gateway } from "./server.ts";
import { createLine, type Line } from "./workers/line.ts";
import { createPeers } from "./workers/peers.ts";

/** One process of a gateway that has several: its primary starts it with its number, and says how many there are. */
await runProcess(async () => {
  const [number = "", workers = "1"] = process.argv.slice(2);
  const config = shareOf(readGatewayConfig(), Number(workers));
  const log = createLog({ name: `gateway worker ${number}`, level: config.logLevel });
  let gateway: Gateway | undefined;
  let take: ((socket: Socket) => void) | undefined;
  const peers = createPeers(() => line, Number(workers));
  const left = countLeft(() => line);
  const line: Line = createLine(process, {
    ...peers.heard,
    connection: (_content: undefined, socket) => {
      if (!socket) return;
      socket.once("close", left);
      take?.(socket);
    },
    alive: () => true,
    health: () => gateway?.answers.health(),
    metrics: () => gateway?.answers.metrics(),
    shed: (count: number) => gateway?.answers.shed(count),
    callback: ({ id, message }: { id: string; message: unknown }) => gateway?.answers.callback(id, message),
  });
  const ask = async <T>(word: string, content?: unknown): Promise<T> => {
    const answer = await line.ask<T>(word, content);
    if (answer === undefined) throw new Error("the primary process does not answer");
    return answer;
  };
  // Signals to all of the group are the primary's; without it nothing new would ever come.
  process.on("SIGHUP", () => {});
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  gateway = await createGateway(config, {
    log,
    workers: {
      peers,
      together: { health: () => ask("health"), metrics: () => ask("metrics") },
      callbacks: (id, message) => ask("callback", { id, message }),
    },
  });
  take = await gateway.serve();
  line.tell("ready");
  return gateway;
});

/** Counts connections that have ended, told once for all that end at the same time. */
function countLeft(line: () => Line): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count > 1) return;
    setImmediate(() => {
      line().tell("left", count);
      count = 0;
    });
  };
}

/**
 * The configuration of one of so many workers. What bounds memory is divided, because each has its own; what counts
 * connections, callers and operations stays whole, because the workers count those together.
 */
function shareOf(config: GatewayConfig, workers: number): GatewayConfig {
  const share = (bytes: number) => Math.ceil(bytes / workers);
  const { limits, subscriptions } = config;
  return {
    ...config,
    limits: {
      ...limits,
      bodies: { ...limits.bodies, total: Math.max(share(limits.bodies.total), limits.bodyBytes) },
      waiting: { ...limits.waiting, total: share(limits.waiting.total) },
    },
    subscriptions: { ...subscriptions, keptBytes: share(subscriptions.keptBytes) },
  };
}
