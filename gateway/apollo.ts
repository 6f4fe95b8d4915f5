import type { AsyncLocalStorage } from "node:async_hooks";
import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import type { ExecutionResult } from "graphql";
import type { Log } from "../lib/log.ts";
import type { GatewayContext } from "./context.ts";
import { createDocumentStore } from "./document-store.ts";
import type { Answer, ExecutionPath } from "./execution/engine.ts";
import { JsonTextData, stringifyResult } from "./execution/json-text-data.ts";
import { toClientError } from "./errors.ts";
import type { Generations } from "./generations.ts";

export interface ApolloOptions {
  generations: Generations;
  plugins: ApolloServerPlugin<GatewayContext>[];
  /** The correlation id of the request at hand, also for errors that come before its context. */
  correlation: AsyncLocalStorage<string>;
  /** Most tokens of a document; whoever has more is refused before this. */
  maxTokens: number;
  isProduction: boolean;
  log: Log;
}

/** Apollo Server as the HTTP side of the gateway: protocol, validation, APQ. Execution is ours. */
export function createApollo({
  generations,
  plugins,
  correlation,
  maxTokens,
  isProduction,
  log,
}: ApolloOptions): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    gateway: asApolloGateway(generations, { isProduction }),
    stringifyResult,
    introspection: !isProduction,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: isProduction,
    stopOnTerminationSignals: false,
    documentStore: createDocumentStore(),
    parseOptions: { maxTokens },
    logger: log,
    plugins: [ApolloServerPluginLandingPageDisabled(), ...plugins],
    formatError: (error) => toClientError(error, { correlationId: correlation.getStore() ?? "unknown", log }),
  });
}

/** The current generation behind the interface that Apollo Server knows. */
function asApolloGateway(
  generations: Generations,
  { isProduction }: { isProduction: boolean },
): ApolloServerOptionsWithGateway<GatewayContext>["gateway"] {
  return {
    load: async () => ({
      executor: async ({ document, operation, request, context }) => {
        const { engine } = generations.current();
        const { caller, answer, showsPath } = context as GatewayContext;
        const variables = request.variables ?? {};
        const known =
          answer ?? (await engine.executeText({ document, definition: operation, variables }, caller));
        return withPath(asResult(known), showsPath && !isProduction ? known.path : undefined);
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

/** Data that is text already stays text until the response is written. */
function asResult(answer: Answer): ExecutionResult {
  const { data, errors, extensions } = answer;
  return {
    ...(errors && { errors }),
    ...(data !== undefined && { data: new JsonTextData(data) as unknown as ExecutionResult["data"] }),
    ...(extensions && { extensions }),
  } as ExecutionResult;
}

const withPath = (result: ExecutionResult, executionPath: ExecutionPath | undefined): ExecutionResult =>
  executionPath === undefined ? result : { ...result, extensions: { ...result.extensions, executionPath } };
