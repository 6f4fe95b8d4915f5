import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Plugins } from "../extensions/plugins.ts";
import type { Generations } from "../generations.ts";
import type { Revocations } from "../revocations.ts";
import type { Tracing } from "../tracing/tracing.ts";
import type { Identify } from "../../lib/identify.ts";
import type { AddressOf } from "../limits/client-address.ts";
import type { Limits } from "../limits/limits.ts";
import { createQuota } from "../limits/quotas.ts";
import type { SubscriptionSettings } from "./config.ts";
import { serveStreams } from "../http/stream-server.ts";
import { createSubscriptionMeter } from "./metrics.ts";
import { createOperations } from "../operation/operations.ts";
import { createPermits } from "../operation/permits.ts";
import { Triggers } from "./triggers.ts";
import type { ClientHeaders } from "../transport/header-rules.ts";
import { serveSockets } from "../websocket/server.ts";

export interface SubscriptionsDependencies {
  path: string;
  generations: Generations;
  identify: Identify;
  revocations: Revocations;
  limits: Limits;
  /** Whether clients may not learn of the schema. */
  hidesSchema: boolean;
  addressOf: AddressOf;
  /** What of a client's headers goes on to subgraphs. */
  clientHeaders: ClientHeaders;
  /** Bytes that a socket may hold here before it has said who it is. */
  beforeInitBytes: number;
  metrics: Registry;
  clock: Clock;
  log: Log;
  tracing: Tracing;
  plugins: Plugins;
}

export interface Subscriptions {
  /** Sends everybody away, spread over the drain window, and ends every stream of a subgraph. */
  close(): Promise<void>;
}

const INIT_TIMEOUT_MS = 3_000;
const KEEP_ALIVE_MS = 20_000;
const SWEEP_MS = 250;

/** Everything that streams: WebSocket, server-sent events and multipart, on one set of triggers. */
export function serveSubscriptions(
  app: FastifyInstance,
  settings: SubscriptionSettings,
  deps: SubscriptionsDependencies,
): Subscriptions {
  const { clock } = deps;
  const meter = createSubscriptionMeter(deps.metrics);
  const newId = () => randomUUID().slice(0, 18).replaceAll("-", "");
  const permits = createPermits(deps.generations, deps.revocations);
  const triggers = new Triggers({ ...settings, ...deps, ...deps.clientHeaders, meter, newId });
  const { limits } = settings;
  const quota = createQuota({
    each: { limit: "subscriptionsPerIdentity", most: limits.subscriptionsPerIdentity },
    all: { limit: "subscriptions", most: limits.subscriptions },
  });
  const operations = createOperations({ ...deps, permits, triggers, quota, meter });
  const shared = { ...deps, permits, operations, meter, keepAliveMs: KEEP_ALIVE_MS, ...settings };
  const sockets = serveSockets(app.server, {
    ...shared,
    sockets: createQuota({ each: { limit: "socketsPerIdentity", most: limits.socketsPerIdentity } }),
    socketsByAddress: createQuota({
      each: { limit: "socketsPerAddress", most: limits.socketsPerAddress },
      all: { limit: "sockets", most: limits.sockets },
    }),
    messageLimitBytes: limits.messageBytes,
    beforeInitBytes: deps.beforeInitBytes,
    admission: deps.limits,
    limits: {
      initTimeoutMs: INIT_TIMEOUT_MS,
      subscriptionsPerSocket: limits.subscriptionsPerSocket,
      expiryWarningMs: settings.expiryWarningMs,
    },
  });
  const streams = serveStreams(app, shared);

  const sweeping = setInterval(() => {
    const nowMs = clock.monotonicMs();
    sockets.sweep(nowMs);
    streams.sweep(nowMs);
    triggers.sweep(nowMs);
  }, SWEEP_MS);
  const verifying = setInterval(() => {
    sockets.verifyAgain();
    streams.verifyAgain();
  }, settings.verifyEveryMs);

  return {
    close: async () => {
      clearInterval(verifying);
      await Promise.all([sockets.drain(settings.drainWindowMs), streams.drain(settings.drainWindowMs)]);
      clearInterval(sweeping);
      triggers.close();
    },
  };
}
