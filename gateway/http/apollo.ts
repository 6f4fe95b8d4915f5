import { ApolloServer, HeaderMap, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import { GraphQLError, type ExecutionResult, type GraphQLFormattedError } from "graphql";
import type { Log } from "../../lib/log.ts";
import { stringifyResult } from "../execution/json-text-data.ts";
import type { Generations } from "../generations/generations.ts";
import type { ClientResult, Opened } from "../operation/road.ts";
import type { JsonType } from "./negotiate.ts";

/** An operation on its way through Apollo Server. */
interface ApolloContext {
  opened: Opened;
  run: () => Promise<ClientResult>;
}

/** Apollo Server, for what it is asked to answer. */
export interface Apollo {
  /** The body of the response. */
  answer(context: ApolloContext, type: JsonType): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Apollo Server as the HTTP server of operations that are new here. It gets them as the road has prepared them: it neither
 * parses nor validates, and executing is going on along the road.
 */
export async function startApollo({
  generations,
  isProduction,
  log,
}: {
  generations: Generations;
  isProduction: boolean;
  log: Log;
}): Promise<Apollo> {
  const server = new ApolloServer<ApolloContext>({
    gateway: {
      load: async () => ({
        executor: async ({ context }) => withErrorObjects(await (context as ApolloContext).run()),
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
    },
    stringifyResult,
    introspection: !isProduction,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    documentStore: null,
    persistedQueries: false,
    logger: log,
    formatError: (formatted, error) => (error instanceof ToldError ? error.told : formatted),
    plugins: [ApolloServerPluginLandingPageDisabled(), takesPreparedDocuments],
  });
  await server.start();
  return {
    answer: async (context, type) => {
      const { body } = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: "POST",
          headers: new HeaderMap([
            ["content-type", "application/json"],
            ["accept", type],
          ]),
          search: "",
          body: requestOf(context.opened),
        },
        context: async () => context,
      });
      if (body.kind === "complete") return body.string;
      throw new Error("Apollo Server answered in parts, which it was not asked for");
    },
    stop: () => server.stop(),
  };
}

function requestOf({ prepared, operation }: Opened) {
  const { name, loc } = prepared.definition;
  return {
    query: loc?.source.body ?? "{ __typename }",
    ...(name && { operationName: name.value }),
    variables: operation.variables,
  };
}

/** An error in the form that clients see already, in the shape that Apollo Server wants. */
class ToldError extends GraphQLError {
  readonly told: GraphQLFormattedError;

  constructor(told: GraphQLFormattedError) {
    super(told.message);
    this.told = told;
  }
}

const withErrorObjects = ({ errors, ...result }: ClientResult): ExecutionResult =>
  ({ ...result, ...(errors && { errors: errors.map((told) => new ToldError(told)) }) }) as ExecutionResult;

const takesPreparedDocuments: ApolloServerPlugin<ApolloContext> = {
  requestDidStart: async () => ({
    didResolveSource: async (request) => {
      Object.assign(request, { document: request.contextValue.opened.prepared.document });
    },
  }),
};
