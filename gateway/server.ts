import type { Tracer } from "@opentelemetry/api";
import { Gauge, type Registry } from "prom-client";
import { systemClock, type Clock } from "../lib/clock.ts";
import type { GraphQLEndpoint } from "../lib/graphql-endpoint.ts";
import type { Socket } from "node:net";
import {
  createHttpServer,
  type Health,
  type HttpServer,
  type HttpServerOptions,
} from "../lib/http-server.ts";
import type { Log } from "../lib/log.ts";
import type { GatewayConfig } from "./config.ts";
import { serveDashboard } from "./http/dashboard.ts";
import { createMinutes, type Minutes } from "./edge/minutes.ts";
import type { Demo } from "./edge/demo.ts";
import { openEdge } from "./edge/open-edge.ts";
import { openEventStreams, type EventStreams } from "./event-streams/open-event-streams.ts";
import { loadPlugins } from "./extensions/plugin.ts";
import { createPlugins, type Plugins } from "./extensions/plugins.ts";
import { countPaths } from "./execution/path-counter.ts";
import { createGenerations, type Generations } from "./generations/generations.ts";
import { createIdentify } from "./identity/identify.ts";
import { createAddressOf } from "./limits/client-address.ts";
import { guardConnections } from "./limits/connection-guard.ts";
import type { LimitSettings } from "./limits/config.ts";
import { createLimits, type Limits } from "./limits/limits.ts";
import type { Peers } from "./limits/peers.ts";
import { createPlanningTurns, type PlanningTurns } from "./operation/planning-turns.ts";
import { createOperationMeter } from "./operation/meter.ts";
import { createRevocations, type Revocations } from "./identity/revocations.ts";
import { serveClients, type Clients } from "./serve-clients.ts";
import { createClientHeaders } from "./transport/header-rules.ts";
import { serveCallbacks, type ReceiveElsewhere } from "./transport/streams/callback-receiver.ts";
import { createSubgraphMeters, type SubgraphListeners } from "./transport/metrics.ts";
import { createTransports, type Transports } from "./transport/transports.ts";
import { traceEndpoints } from "./tracing/traced-endpoint.ts";
import { traceEngine } from "./tracing/traced-engine.ts";
import { createTracing, type Tracing } from "./tracing/tracing.ts";

export interface Gateway {
  /** Listens and returns the base URL. */
  listen(): Promise<string>;
  /** Gets ready for connections that another process accepts; returns what takes each. */
  serve(): Promise<(socket: Socket) => void>;
  /** For other workers. */
  answers: GatewayAnswers;
  close(): Promise<void>;
}

export interface GatewayDependencies {
  log: Log;
  clock?: Clock;
  /** Subgraphs that live in this process, by name; all others are reached by their URL. */
  inProcess?: ReadonlyMap<string, GraphQLEndpoint>;
  /** Records traces; default: the one of the OpenTelemetry SDK that was installed, if there is one. */
  tracer?: Tracer;
  /** The other workers, where several processes are one gateway. */
  workers?: GatewayWorkers;
  /** What a demo lets people break. */
  demo?: Demo;
}

/** What a gateway that is one of several processes asks the others. */
export interface GatewayWorkers {
  peers: Peers;
  together: NonNullable<HttpServerOptions["together"]>;
  /** Callbacks of subgraphs reach any process. */
  callbacks: ReceiveElsewhere;
}

/** What the other processes ask in turn. */
export interface GatewayAnswers {
  health(): Promise<Health>;
  metrics(): Promise<object[]>;
  shed(count: number): void;
  callback(id: string, message: unknown): 204 | 400 | 404;
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
  const { log, clock = systemClock, inProcess = new Map(), workers } = dependencies;
  const peers = workers?.peers;
  const plugins = createPlugins(await loadPlugins(config.plugins), log);
  const tracing = createTracing(dependencies.tracer);
  let clients: Clients | undefined;
  const http = openServer(config.limits, log, {
    front: (request, response) => clients?.http.take(request, response) ?? false,
    together: workers?.together,
    limits: () => limits,
    generations: () => generations,
    broker: () => broker,
  });
  const minutes = createMinutes(clock);
  const basics = { metrics: http.metrics, clock, log };
  const limits = createLimits(config.limits, { ...basics, peers, onLimited: (key) => minutes.limited(key) });
  const turns = createPlanningTurns(config.limits.planning, { limits, metrics: http.metrics });
  const addressOf = createAddressOf(config.limits.trustedProxies);
  const streams = () => clients?.streams() ?? [];
  const running = () => ({ generations, transports, streams });
  const own = openEdge({ ...basics, minutes, running, demo: dependencies.demo });
  const meters = createSubgraphMeters(http.metrics, subgraphListeners(limits, minutes));
  const reached = { ...config, ...plugins, inProcess, own };
  const transports = createTransports(reached, { clock, log, meters });
  const shared = { tracing, plugins, clock, log };
  const broker = openStreams(config, { http, clock, log });
  const generations = openGenerations(config, { ...shared, http, limits, transports, turns, broker });
  serveCallbacks(http.app, transports.callbacks, {
    limitBytes: config.transport.responseLimitBytes,
    elsewhere: workers?.callbacks,
  });
  const revocations = createRevocations(config.subscriptions.revocationsFile, log);
  clients = await serveClients(http, config, {
    path: PATH,
    turns,
    generations,
    identify: revocations.guard(createIdentify(config.auth)),
    revocations,
    limits,
    addressOf,
    clientHeaders: createClientHeaders(config.subgraphOptions.headers),
    operations: createOperationMeter(http.metrics, minutes),
    minutes,
    metrics: http.metrics,
    elsewhere: peers?.held,
    ...shared,
  });
  // Last: it stands in front of everything that answers requests.
  guardConnections(http.app.server, config.limits, { limits, metrics: http.metrics, peers });
  serveDashboard(http.app, { playground: !config.isProduction });

  return {
    listen: () => http.listen(config),
    serve: () => http.serve(),
    answers: answersOf({ http, transports, clients }),
    close: () => closeAll({ http, clients, generations, revocations, transports, broker, limits }),
  };
}

const subgraphListeners = (limits: Limits, minutes: Minutes): SubgraphListeners => ({
  onLimit: (limit) => limits.exceeded(limit),
  onCall: (...call) => minutes.subgraphCall(...call),
});

interface Open {
  http: HttpServer;
  clients: Clients | undefined;
  generations: Generations;
  revocations: Revocations;
  transports: Transports;
  broker: EventStreams | undefined;
  limits: Limits;
}

async function closeAll({
  http,
  clients,
  generations,
  revocations,
  transports,
  broker,
  limits,
}: Open): Promise<void> {
  await clients?.close();
  await http.close();
  await clients?.stop();
  generations.close();
  revocations.close();
  await transports.close();
  await broker?.close();
  await limits.close();
}

const answersOf = (parts: {
  http: HttpServer;
  transports: Transports;
  clients: Clients;
}): GatewayAnswers => ({
  health: () => parts.http.health(),
  metrics: () => parts.http.metrics.getMetricsAsJSON(),
  shed: (count) => parts.clients.shed(count),
  callback: (id, message) => parts.transports.callbacks?.receive(id, message) ?? 404,
});

const openStreams = (
  { eventStreams, transport }: GatewayConfig,
  { http, clock, log }: { http: HttpServer; clock: Clock; log: Log },
): EventStreams | undefined =>
  openEventStreams(eventStreams, {
    metrics: http.metrics,
    limitBytes: transport.responseLimitBytes,
    clock,
    log,
  });

const problemOf = (generations: Generations): string | null => {
  const problem = generations.lastError();
  return problem === undefined ? null : `the changed file is not in force: ${problem}`;
};

/** Says in the metrics whether the supergraph in force is that of the file. */
function meterReloads(registry: Registry, generations: () => Generations): void {
  const gauge: Gauge = new Gauge({
    name: "gateway_supergraph_stale",
    help: "1 while the supergraph file has changed to something that cannot be loaded, and the last good one is in force",
    aggregator: "max",
    registers: [],
    collect: () => gauge.set(generations().lastError() === undefined ? 0 : 1),
  });
  registry.registerMetric(gauge);
}

/** What the server asks needs its metrics, and so comes later. */
interface Later extends Pick<HttpServerOptions, "together"> {
  front: NonNullable<HttpServerOptions["front"]>;
  limits: () => Limits;
  generations: () => Generations;
  broker: () => EventStreams | undefined;
}

function openServer(
  settings: LimitSettings,
  log: Log,
  { limits, generations, broker, front, together }: Later,
): HttpServer {
  const http = createHttpServer({
    log,
    bodyLimitBytes: settings.bodyBytes,
    headersLimitBytes: settings.headersBytes,
    headersTimeoutMs: settings.headersTimeoutMs,
    front,
    together,
    onLimit: (limit) => limits().exceeded(limit),
    degradation: async () => ({
      sharedLimits: limits().problem() ?? null,
      supergraph: problemOf(generations()),
      ...(broker() && { eventBroker: broker()?.problem() ?? null }),
    }),
  });
  meterReloads(http.metrics, generations);
  return http;
}

interface Engines {
  http: HttpServer;
  broker: EventStreams | undefined;
  limits: Limits;
  transports: Transports;
  tracing: Tracing;
  plugins: Plugins;
  clock: Clock;
  log: Log;
  turns: PlanningTurns;
}

/** Supergraphs with their engines, traced and told to plugins. */
const openGenerations = (
  { supergraphFile, planning, transport, subgraphUrls, subgraphSecrets, subgraphOptions }: GatewayConfig,
  { http, broker, limits, transports, turns, tracing, plugins, clock, log }: Engines,
): Generations =>
  createGenerations({
    file: supergraphFile,
    sources: broker?.sources,
    planning,
    named: {
      SUBGRAPH_URLS: [...subgraphUrls.keys()],
      SUBGRAPH_SECRETS: [...subgraphSecrets.keys()],
      SUBGRAPHS_FILE: subgraphOptions.names,
    },
    warmDocuments: limits.trust.texts(),
    onPath: countPaths(http.metrics),
    endpointOf: traceEndpoints(transports.endpointOf, tracing),
    wrap: (engine) => traceEngine(plugins.engine(engine), tracing),
    wrapPlanner: (planner) => turns.planner(planner),
    timeoutMs: transport.requestTimeoutMs,
    clock,
    log,
  });
