import { AsyncLocalStorage } from "node:async_hooks";
import fastifyApollo from "@as-integrations/fastify";
import { Gauge } from "prom-client";
import { systemClock, type Clock } from "../lib/clock.ts";
import type { GraphQLEndpoint } from "../lib/graphql-endpoint.ts";
import { createHttpServer } from "../lib/http-server.ts";
import type { Log } from "../lib/log.ts";
import { createApollo } from "./apollo.ts";
import type { GatewayConfig } from "./config.ts";
import { contextFrom, type GatewayContext } from "./context.ts";
import { serveDashboard } from "./dashboard.ts";
import { createGenerations } from "./generations.ts";
import { createIdentify } from "./identify.ts";
import { useAuth } from "./plugins/auth.ts";
import { useRequiredOperation } from "./plugins/require-operation.ts";
import { useTelemetry } from "./plugins/telemetry.ts";
import { serveSockets } from "./subscriptions/socket-server.ts";
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
 * Wires the gateway: one port for HTTP and graphql-transport-ws.
 *
 * @throws Error when the supergraph file cannot be loaded
 */
export async function createGateway(
  config: GatewayConfig,
  dependencies: GatewayDependencies,
): Promise<Gateway> {
  const { log, clock = systemClock, inProcess = new Map() } = dependencies;
  const transports = createTransports({ ...config, inProcess });
  const generations = createGenerations({
    file: config.supergraphFile,
    endpointOf: transports.endpointOf,
    clock,
    log,
  });
  const identify = createIdentify(config.auth);
  const correlation = new AsyncLocalStorage<string>();

  const http = createHttpServer({ log, readiness: async () => ({ supergraph: null }) });
  http.app.addHook("onRequest", (request, _reply, done) => correlation.run(request.id, done));
  const plugins = [
    useRequiredOperation(),
    useAuth(() => generations.current().supergraph),
    useTelemetry(http.metrics),
  ];
  const apollo = createApollo({ generations, plugins, correlation, isProduction: config.isProduction, log });
  await apollo.start();
  await http.app.register(fastifyApollo<GatewayContext>(apollo), {
    path: "/graphql",
    context: contextFrom(identify),
  });

  serveDashboard(http.app);

  const active = new Gauge({
    name: "gateway_subscriptions_active",
    help: "Subscriptions that are running on sockets",
    registers: [http.metrics],
  });
  const sockets = serveSockets(http.app.server, { generations, identify, log, active });

  return {
    listen: () => http.listen(config),
    close: async () => {
      await sockets.close();
      await http.close();
      await apollo.stop();
      generations.close();
      await transports.close();
    },
  };
}
