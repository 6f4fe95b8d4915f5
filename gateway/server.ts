import type { Tracer } from "@opentelemetry/api";
import { systemClock, type Clock } from "../lib/clock.ts";
import type { GraphQLEndpoint } from "../lib/graphql-endpoint.ts";
import { createHttpServer, type HttpServer, type HttpServerOptions } from "../lib/http-server.ts";
import type { Log } from "../lib/log.ts";
import type { GatewayConfig } from "./config.ts";
import { serveDashboard } from "./dashboard.ts";
import { openEdge } from "./edge/open-edge.ts";
import { countPaths } from "./execution/path-counter.ts";
import { createGenerations } from "./generations.ts";
import type { HttpTransport } from "./http/server.ts";
import { createIdentify } from "./identify.ts";
import { createAddressOf } from "./limits/client-address.ts";
import { guardConnections } from "./limits/connection-guard.ts";
import type { LimitSettings } from "./limits/config.ts";
import { createLimits, type Limits } from "./limits/limits.ts";
import { createOperationMeter } from "./operation/meter.ts";
import { createRevocations } from "./revocations.ts";
import { serveClients } from "./serve-clients.ts";
import { createClientHeaders } from "./transport/header-rules.ts";
import { serveCallbacks } from "./transport/streams/callback-receiver.ts";
import { createSubgraphMeters } from "./transport/metrics.ts";
import { createTransports } from "./transport/transports.ts";
import { traceEndpoints } from "./tracing/traced-endpoint.ts";
import { traceEngine } from "./tracing/traced-engine.ts";
import { createTracing } from "./tracing/tracing.ts";

export interface Gateway {
  /** Listens and returns the base URL. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export interface GatewayDependencies {
  log: Log;
  clock?: Clock;
  /** Subgraphs that live in this process, by name; all others are reached by their URL. */
  inProcess?: ReadonlyMap<string, GraphQLEndpoint>;
  /** Records traces; default: the one of the OpenTelemetry SDK that was installed, if there is one. */
  tracer?: Tracer;
}

const PATH = "/graphql";

/**
 * Wires the gateway: one port for HTTP and everything that streams.
 *
 * @throws Error when the supergraph file cannot be loaded
 */
export async function createGateway(
  config: GatewayConfig,
  dependencies: GatewayDependencies,
): Promise<Gateway> {
  const { log, clock = systemClock, inProcess = new Map() } = dependencies;
  const tracing = createTracing(dependencies.tracer);
  let front: HttpTransport | undefined;
  const http = openServer(config.limits, log, {
    front: (request, response) => front?.take(request, response) ?? false,
    limits: () => limits,
  });
  const limits = createLimits(config.limits, { metrics: http.metrics, clock, log });
  guardConnections(http.app.server, { ...config.limits, ...config.limits.connections }, limits);
  const addressOf = createAddressOf(config.limits.trustedProxies);
  const running = () => ({ generations, transports });
  const edge = openEdge({ clock, log, metrics: http.metrics, running });
  const meters = createSubgraphMeters(http.metrics, (limit) => limits.exceeded(limit));
  const transports = createTransports({ ...config, inProcess, own: edge.endpoints }, { clock, log, meters });
  const generations = createGenerations({
    file: config.supergraphFile,
    warmDocuments: limits.trust.texts(),
    onPath: countPaths(http.metrics),
    endpointOf: traceEndpoints(transports.endpointOf, tracing),
    wrap: (engine) => traceEngine(engine, tracing),
    timeoutMs: config.transport.requestTimeoutMs,
    clock,
    log,
  });
  if (transports.callbacks)
    serveCallbacks(http.app, transports.callbacks, config.transport.responseLimitBytes);
  const revocations = createRevocations(config.subscriptions.revocationsFile, log);
  const clients = await serveClients(http, config, {
    path: PATH,
    generations,
    identify: revocations.guard(createIdentify(config.auth)),
    revocations,
    limits,
    addressOf,
    clientHeaders: createClientHeaders(config.subgraphOptions.headers),
    operations: createOperationMeter(http.metrics, edge.slow),
    metrics: http.metrics,
    tracing,
    clock,
    log,
  });
  front = clients.http;
  serveDashboard(http.app, { playground: !config.isProduction });

  return {
    listen: () => http.listen(config),
    close: async () => {
      await clients.close();
      await http.close();
      await clients.stop();
      generations.close();
      revocations.close();
      await transports.close();
      await limits.close();
    },
  };
}

/** What the server asks needs its metrics, and so comes later. */
const openServer = (
  settings: LimitSettings,
  log: Log,
  later: { front: NonNullable<HttpServerOptions["front"]>; limits: () => Limits },
): HttpServer =>
  createHttpServer({
    log,
    bodyLimitBytes: settings.bodyBytes,
    headersLimitBytes: settings.headersBytes,
    headersTimeoutMs: settings.headersTimeoutMs,
    front: later.front,
    onLimit: (limit) => later.limits().exceeded(limit),
    readiness: async () => ({ supergraph: null }),
    degradation: async () => ({ sharedLimits: later.limits().problem() ?? null }),
  });
