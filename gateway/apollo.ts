import type { AsyncLocalStorage } from "node:async_hooks";
import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import type { Log } from "../lib/log.ts";
import type { GatewayContext } from "./context.ts";
import { toClientError } from "./errors.ts";
import type { Generations } from "./generations.ts";
import { MAX_TOKENS } from "./prepare-operation.ts";

export interface ApolloOptions {
  generations: Generations;
  plugins: ApolloServerPlugin<GatewayContext>[];
  /** The correlation id of the request at hand, also for errors that come before its context. */
  correlation: AsyncLocalStorage<string>;
  isProduction: boolean;
  log: Log;
}

/** Apollo Server as the HTTP side of the gateway: protocol, validation, APQ. Execution is ours. */
export function createApollo({
  generations,
  plugins,
  correlation,
  isProduction,
  log,
}: ApolloOptions): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    gateway: asApolloGateway(generations),
    introspection: !isProduction,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: isProduction,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    logger: log,
    plugins: [ApolloServerPluginLandingPageDisabled(), ...plugins],
    formatError: (error) => toClientError(error, { correlationId: correlation.getStore() ?? "unknown", log }),
  });
}

/** The current generation behind the interface that Apollo Server knows. */
function asApolloGateway(
  generations: Generations,
): ApolloServerOptionsWithGateway<GatewayContext>["gateway"] {
  return {
    load: async () => ({
      executor: async ({ document, operation, request, context }) => {
        const { engine } = generations.current();
        const { caller } = context as GatewayContext;
        return engine.execute(
          { document, definition: operation, variables: request.variables ?? {} },
          caller,
        );
      },
    }),
    onSchemaLoadOrUpdate: (callback) => {
      const announce = () => {
        const { apiSchema, sdl } = generations.current().supergraph;
        callback({ apiSchema, coreSupergraphSdl: sdl });
      };
      announce();
      return generations.onChange(announce);
    },
    stop: async () => {},
  };
}
