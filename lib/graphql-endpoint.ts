import {
  createSourceEventStream,
  execute,
  getOperationAST,
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from "graphql";
import { toPublicError } from "./graphql-errors.ts";
import type { Identity } from "./identity.ts";
import type { Log } from "./log.ts";
import { mapStream, openOnDemand, streamOf } from "./streams.ts";

/** On whose behalf a request runs. */
export interface Caller {
  identity: Identity;
  correlationId: string;
}

export interface GraphQLRequest {
  query: string;
  variables?: Readonly<Record<string, unknown>> | undefined;
  operationName?: string | undefined;
  caller: Caller;
}

/** Something that answers GraphQL: a subgraph in this process, or one behind a URL. */
export interface GraphQLEndpoint {
  /** Never rejects for errors of the request: those are in `errors`. */
  execute(request: GraphQLRequest): Promise<ExecutionResult>;
  /** One result per event; a refused subscription yields its errors and ends. */
  subscribe(request: GraphQLRequest): AsyncIterableIterator<ExecutionResult>;
}

export interface EndpointOptions<Context> {
  schema: GraphQLSchema;
  /** Made anew for each operation and for each event, so that nothing cached outlives its moment. */
  createContext(caller: Caller): Context;
  log: Log;
}

const DOCUMENT_CACHE_SIZE = 1000;
const MAX_TOKENS = 20_000;

interface Prepared {
  document: DocumentNode;
  errors: readonly GraphQLError[];
}

/** A schema as an endpoint: documents are parsed and validated once, errors are masked. */
export function createGraphQLEndpoint<Context>(options: EndpointOptions<Context>): GraphQLEndpoint {
  const { schema, log } = options;
  const documents = new Map<string, Prepared>();

  const prepare = (query: string): Prepared => {
    const known = documents.get(query);
    if (known) return known;
    const prepared = parseAndValidate(schema, query);
    if (documents.size >= DOCUMENT_CACHE_SIZE) documents.delete(documents.keys().next().value ?? "");
    documents.set(query, prepared);
    return prepared;
  };

  const publicResult = (result: ExecutionResult, { correlationId }: Caller): ExecutionResult => {
    if (!result.errors) return result;
    const errors = result.errors.map((error) => toPublicError(error, { correlationId, log }) as GraphQLError);
    return { ...result, errors };
  };

  const argumentsOf = (request: GraphQLRequest, document: DocumentNode) => ({
    schema,
    document,
    variableValues: request.variables,
    operationName: request.operationName,
    contextValue: options.createContext(request.caller),
  });

  return {
    async execute(request) {
      const { document, errors } = prepare(request.query);
      if (errors.length > 0) return publicResult({ errors }, request.caller);
      const operation = getOperationAST(document, request.operationName);
      if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
        return publicResult(
          { errors: [new GraphQLError("Subscriptions need a streaming transport")] },
          request.caller,
        );
      }
      return publicResult(await execute(argumentsOf(request, document)), request.caller);
    },

    subscribe: (request) =>
      openOnDemand(async () => {
        const { document, errors } = prepare(request.query);
        const events =
          errors.length > 0 ? { errors } : await createSourceEventStream(argumentsOf(request, document));
        if (!(Symbol.asyncIterator in events)) return streamOf(publicResult(events, request.caller));
        return mapStream(events[Symbol.asyncIterator](), async (rootValue) =>
          publicResult(await execute({ ...argumentsOf(request, document), rootValue }), request.caller),
        );
      }),
  };
}

function parseAndValidate(schema: GraphQLSchema, query: string): Prepared {
  try {
    const document = parse(query, { maxTokens: MAX_TOKENS });
    return { document, errors: validate(schema, document) };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { document: { kind: Kind.DOCUMENT, definitions: [] }, errors: [error] };
  }
}
