import { AsyncLocalStorage } from "node:async_hooks";
import fastifyApollo from "@as-integrations/fastify";
import { systemClock, type Clock } from "../lib/clock.ts";
import type { GraphQLEndpoint } from "../lib/graphql-endpoint.ts";
import { createHttpServer } from "../lib/http-server.ts";
import type { Log } from "../lib/log.ts";
import { createApollo } from "./apollo.ts";
import type { GatewayConfig } from "./config.ts";
import { contextFrom, type GatewayContext } from "./context.ts";
import { serveDashboard } from "./dashboard.ts";
import { countPaths } from "./execution/path-counter.ts";
import { trustedDocuments } from "./execution/trusted-documents.ts";
import { openFastLane } from "./fast-lane/fast-lane.ts";
import { createWarmOperations } from "./fast-lane/warm-operations.ts";
import { createGenerations } from "./generations.ts";
import { createIdentify } from "./identify.ts";
import { createSourceGuard } from "./limits/source-guard.ts";
import { useAuth } from "./plugins/auth.ts";
import { refuseSubscriptions } from "./plugins/refuse-subscriptions.ts";
import { useRequiredOperation } from "./plugins/require-operation.ts";
import { useStatusForAccept } from "./plugins/status-for-accept.ts";
import { createOperationMeter, useTelemetry } from "./plugins/telemetry.ts";
import { createRevocations } from "./revocations.ts";
import { serveSubscriptions } from "./subscriptions/server.ts";
import { createTransports } from "./transport/transports.ts";

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
}

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
  const transports = createTransports({ ...config, inProcess });
  const http = createHttpServer({ log, readiness: async () => ({ supergraph: null }) });
  const generations = createGenerations({
    file: config.supergraphFile,
    warmDocuments: trustedDocuments(),
    onPath: countPaths(http.metrics),
    endpointOf: transports.endpointOf,
    clock,
    log,
  });
  const revocations = createRevocations(config.subscriptions.revocationsFile, log);
  const identify = revocations.guard(createIdentify(config.auth));
  const correlation = new AsyncLocalStorage<string>();

  http.app.addHook("onRequest", (request, _reply, done) => correlation.run(request.id, done));
  const subscriptions = serveSubscriptions(http.app, config.subscriptions, {
    generations,
    identify,
    metrics: http.metrics,
    clock,
    log,
  });
  revocations.onChange(() => subscriptions.verifyAgain());
  const meter = createOperationMeter(http.metrics);
  const warm = createWarmOperations(generations);
  const fastLane = openFastLane(http.app, { generations, identify, warm, meter });
  const plugins = [
    useRequiredOperation(),
    refuseSubscriptions(),
    useAuth(() => generations.current().supergraph),
    useTelemetry(meter),
    useStatusForAccept(),
    warm.plugin,
  ];
  const apollo = createApollo({ generations, plugins, correlation, isProduction: config.isProduction, log });
  await apollo.start();
  await http.app.register(fastifyApollo<GatewayContext>(apollo), {
    path: "/graphql",
    context: contextFrom({ identify, guard: createSourceGuard(), answerTo: fastLane.answerTo }),
  });

  serveDashboard(http.app, { playground: !config.isProduction });

  return {
    listen: () => http.listen(config),
    close: async () => {
      await subscriptions.close();
      await http.close();
      await apollo.stop();
      generations.close();
      revocations.close();
      await transports.close();
    },
  };
}
