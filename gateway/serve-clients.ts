import { randomUUID } from "node:crypto";
import type { Registry } from "prom-client";
import type { Clock } from "../lib/clock.ts";
import { createCrossOrigin } from "../lib/cross-origin.ts";
import type { HttpServer } from "../lib/http-server.ts";
import type { Identify } from "../lib/identify.ts";
import type { Log } from "../lib/log.ts";
import type { GatewayConfig } from "./config.ts";
import type { Plugins } from "./extensions/plugins.ts";
import { createTellErrors } from "./errors/errors.ts";
import type { Generations } from "./generations/generations.ts";
import { startApollo } from "./http/apollo.ts";
import { createHttpTransport, type HttpTransport } from "./http/server.ts";
import { createStreams } from "./http/streams.ts";
import type { AddressOf } from "./limits/client-address.ts";
import type { Limits } from "./limits/limits.ts";
import type { HeldElsewhere } from "./limits/peers.ts";
import { createQuota } from "./limits/quotas.ts";
import type { OperationMeter } from "./operation/meter.ts";
import type { PlanningTurns } from "./operation/planning-turns.ts";
import { createPermits } from "./operation/permits.ts";
import { createRoad } from "./operation/road.ts";
import type { Revocations } from "./identity/revocations.ts";
import type { SubscriptionSettings } from "./subscriptions/config.ts";
import { createKeptEvents } from "./subscriptions/kept-events.ts";
import { createSubscriptionMeter, heardBy, type EventListeners } from "./subscriptions/metrics.ts";
import { Triggers, type SharedStream } from "./subscriptions/triggers.ts";
import type { ClientHeaders } from "./transport/header-rules.ts";
import type { Tracing } from "./tracing/tracing.ts";
import { serveSockets } from "./websocket/server.ts";

export interface ClientsDependencies {
  path: string;
  generations: Generations;
  identify: Identify;
  revocations: Revocations;
  limits: Limits;
  addressOf: AddressOf;
  /** In which new documents are read. */
  turns: Pick<PlanningTurns, "wait">;
  /** What of a client's headers goes on to subgraphs. */
  clientHeaders: ClientHeaders;
  operations: OperationMeter;
  /** Told of every event. */
  minutes: EventListeners;
  metrics: Registry;
  clock: Clock;
  log: Log;
  tracing: Tracing;
  plugins: Plugins;
  /** What other workers hold of the same limits. */
  elsewhere: HeldElsewhere | undefined;
}

export interface Clients {
  http: HttpTransport;
  /** What streams, most listened to first. */
  streams(): SharedStream[];
  /** Sends so many sockets away, which come back to a worker that has fewer. */
  shed(count: number): void;
  /** Sends everybody away, spread over the drain window, and ends every stream of a subgraph. */
  close(): Promise<void>;
  /** After the last request. */
  stop(): Promise<void>;
}

/** What pages may read of an answer beside its body. */
const READABLE_HEADERS = "x-correlation-id, retry-after, etag";
const INIT_TIMEOUT_MS = 3_000;
const KEEP_ALIVE_MS = 20_000;
const SWEEP_MS = 250;

/** Everything that clients talk to: one road of operations, and HTTP and WebSocket that lead to it. */
export async function serveClients(
  { app }: HttpServer,
  config: GatewayConfig,
  deps: ClientsDependencies,
): Promise<Clients> {
  const { clock, generations } = deps;
  const { subscriptions: settings, isProduction } = config;
  const { allowedOrigins } = settings;
  const { road, triggers, ...shared } = openRoad(config, deps);
  const held = { ...deps, ...shared, road, keepAliveMs: KEEP_ALIVE_MS };
  const streams = createStreams(held);
  const apollo = await startApollo({ generations, isProduction, log: deps.log });
  const http = createHttpTransport({
    ...held,
    streams,
    apollo,
    isProduction,
    crossOrigin: createCrossOrigin(allowedOrigins, READABLE_HEADERS),
    bodyLimitBytes: config.limits.bodyBytes,
    compressAboveBytes: config.compressAboveBytes,
  });
  app.addHook("preClose", async () => http.close());
  const sockets = serveSockets(app.server, {
    ...held,
    ...socketOptions(settings, deps.elsewhere),
    beforeInitBytes: config.limits.waiting.beforeInit,
    admission: deps.limits,
  });

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
    http,
    streams: () => triggers.list(),
    shed: (count) => void sockets.shed(count, settings.drainWindowMs),
    close: async () => {
      clearInterval(verifying);
      await Promise.all([sockets.drain(settings.drainWindowMs), streams.drain(settings.drainWindowMs)]);
      clearInterval(sweeping);
      triggers.close();
    },
    stop: () => apollo.stop(),
  };
}

/** The road, and what those who hold connections open share with it. */
function openRoad(
  { subscriptions: settings, isProduction, subgraphOptions }: GatewayConfig,
  deps: ClientsDependencies,
) {
  const { limits: most } = settings;
  const tell = createTellErrors({ log: deps.log, passOf: subgraphOptions.errorsOf });
  const meter = heardBy(createSubscriptionMeter(deps.metrics), deps.minutes);
  const permits = createPermits(deps.generations, deps.revocations);
  const kept = createKeptEvents(settings.keptBytes, {
    metrics: deps.metrics,
    onExceeded: () => deps.limits.exceeded("keptEvents"),
  });
  const newId = () => randomUUID().slice(0, 18).replaceAll("-", "");
  const triggers = new Triggers({ ...settings, ...deps, ...deps.clientHeaders, tell, kept, meter, newId });
  const quota = createQuota({
    each: { limit: "subscriptionsPerIdentity", most: most.subscriptionsPerIdentity },
    all: { limit: "subscriptions", most: most.subscriptions },
    elsewhere: deps.elsewhere,
  });
  const { requireToken } = settings;
  const road = createRoad({
    ...deps,
    tell,
    hidesSchema: isProduction,
    requireToken,
    permits,
    triggers,
    quota,
    meter,
  });
  return { road, permits, meter, triggers };
}

const socketOptions = (
  { limits: most, allowedOrigins, requireToken, expiryWarningMs }: SubscriptionSettings,
  elsewhere: HeldElsewhere | undefined,
) => ({
  allowedOrigins,
  requireToken,
  sockets: createQuota({
    each: { limit: "socketsPerIdentity", most: most.socketsPerIdentity },
    elsewhere,
  }),
  socketsByAddress: createQuota({
    each: { limit: "socketsPerAddress", most: most.socketsPerAddress },
    all: { limit: "sockets", most: most.sockets },
    elsewhere,
  }),
  messageLimitBytes: most.messageBytes,
  limits: {
    initTimeoutMs: INIT_TIMEOUT_MS,
    subscriptionsPerSocket: most.subscriptionsPerSocket,
    expiryWarningMs,
  },
});
