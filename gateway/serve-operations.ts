import { AsyncLocalStorage } from "node:async_hooks";
import fastifyApollo from "@as-integrations/fastify";
import type { HttpServer } from "../lib/http-server.ts";
import type { Log } from "../lib/log.ts";
import { createApollo } from "./apollo.ts";
import { contextFrom, type GatewayContext } from "./context.ts";
import { openDoor } from "./door.ts";
import { openFastLane } from "./fast-lane/fast-lane.ts";
import { createWarmOperations } from "./fast-lane/warm-operations.ts";
import type { Generations } from "./generations.ts";
import type { Identify } from "../lib/identify.ts";
import type { AddressOf } from "./limits/client-address.ts";
import { isCodedError } from "../lib/errors.ts";
import { limitKey } from "./limits/limit-key.ts";
import type { PlanningTurns } from "./operation/planning-turns.ts";
import { sendRefusal } from "./send-refusal.ts";
import type { Limits } from "./limits/limits.ts";
import { createSourceGuard } from "./limits/source-guard.ts";
import { useAuth } from "./plugins/auth.ts";
import { useCostLimit } from "./plugins/cost.ts";
import { refuseSubscriptions } from "./plugins/refuse-subscriptions.ts";
import { useRequiredOperation } from "./plugins/require-operation.ts";
import { useStatusForAccept } from "./plugins/status-for-accept.ts";
import { useTelemetry, type OperationMeter } from "./operation/meter.ts";
import type { ClientHeaders } from "./transport/header-rules.ts";
import { openTrustGate } from "./trust-gate.ts";

export interface OperationServerOptions {
  path: string;
  generations: Generations;
  identify: Identify;
  limits: Limits;
  addressOf: AddressOf;
  meter: OperationMeter;
  /** In which new documents are read. */
  turns: Pick<PlanningTurns, "wait">;
  maxTokens: number;
  maxBodyBytes: number;
  isProduction: boolean;
  clientHeaders: ClientHeaders;
  log: Log;
}

export interface OperationServer {
  stop(): Promise<void>;
}

/**
 * Serves operations over HTTP that want one answer: the door, then the fast lane for what is known, Apollo Server
 * for the rest.
 */
export async function serveOperations(
  { app }: HttpServer,
  options: OperationServerOptions,
): Promise<OperationServer> {
  const { path, generations, meter, limits } = options;
  const correlation = new AsyncLocalStorage<string>();
  app.addHook("onRequest", (request, _reply, done) => correlation.run(request.id, done));
  const warm = createWarmOperations(generations, limits.trust);
  const fastLane = openFastLane(app, { ...options, warm });
  const door = openDoor(app, {
    ...options,
    isCounted: (request) => fastLane.answerTo(request) !== undefined,
  });
  app.addHook("preHandler", async (request, reply) => {
    // What the fast lane has executed is known; whatever else may be new.
    if (request.url.split("?")[0] !== path || fastLane.answerTo(request.raw)) return undefined;
    if (request.method !== "POST" && request.method !== "GET") return undefined;
    const key = limitKey(door.identityOf(request.raw), options.addressOf(request.raw));
    try {
      await options.turns.wait(key);
      return undefined;
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return sendRefusal(reply, error, options.log);
    }
  });
  openTrustGate(app, { ...options, trust: limits.trust });
  const plugins = [
    useRequiredOperation(),
    refuseSubscriptions(),
    useAuth(() => generations.current().supergraph),
    useCostLimit(limits, () => generations.current().supergraph),
    useTelemetry(meter),
    useStatusForAccept(),
    warm.plugin,
  ];
  const apollo = createApollo({ ...options, plugins, correlation });
  await apollo.start();
  await app.register(fastifyApollo<GatewayContext>(apollo), {
    path,
    context: contextFrom({
      door,
      guard: createSourceGuard(limits),
      answerTo: fastLane.answerTo,
      clientHeaders: options.clientHeaders,
    }),
  });
  return { stop: () => apollo.stop() };
}
