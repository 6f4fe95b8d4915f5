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
import { compiledExecutor, type CompiledExecutor } from "./compiled-executor.ts";
import { toPublicError } from "./graphql-errors.ts";
import type { Freshness } from "./freshness.ts";
import type { Identity } from "./identity.ts";
import type { Log } from "./log.ts";
import { mapStream, openOnDemand, streamOf } from "./streams.ts";
import { createTextMemory } from "./text-memory.ts";

/** On whose behalf a request runs. */
export interface Caller {
  identity: Identity;
  correlationId: string;
  /** Whether the correlation id was made here, so no log outside has it. */
  isCorrelationOurs?: boolean | undefined;
  /** When the answer is of no more use, on this process's monotonic clock; absent where no limit was set. */
  deadlineAtMs?: number | undefined;
  /** Headers of the client's request that some rule forwards, by their names in lower case. */
  clientHeaders?: Readonly<Record<string, string>> | undefined;
  /** Whom limits count by: subject, or address of those who have no name; absent for work that no client asked for. */
  limitKey?: string | undefined;
  /** Of which trace it is a part, as W3C Trace Context has it. */
  traceparent?: string | undefined;
  /** Takes in what each answer says of how long it may be kept; absent where it would not be kept. */
  freshness?: Freshness | undefined;
}

/** One operation as a client sends it. */
export interface GraphQLRequest {
  query: string;
  variables?: Readonly<Record<string, unknown>> | undefined;
  operationName?: string | undefined;
  caller: Caller;
}

/** A request as the JSON text that goes over the wire. */
export interface TextRequest {
  body: string;
  /** False for mutations. */
  isQuery: boolean;
  /** Whether it may be sent twice: queries, and mutations with an idempotency key. */
  isRepeatable: boolean;
  caller: Caller;
}

/** Something that answers GraphQL: a subgraph in this process, or one behind a URL. */
export interface GraphQLEndpoint {
  /** Never rejects for errors of the request: those are in `errors`. */
  execute(request: GraphQLRequest): Promise<ExecutionResult>;
  /**
   * The same in text, where the endpoint is reached that way. The answer may be anything that a server
   * sends with status 200.
   *
   * @throws CodedError when there is no answer
   */
  exchange?(request: TextRequest): Promise<string>;
  /**
   * One result per event; a refused subscription yields its errors and ends. `onOpen` is told when the subgraph has
   * taken the subscription, which may be long before its first event.
   *
   * @throws CodedError when the stream breaks or cannot be opened; retryable when it may be opened again
   */
  subscribe(request: GraphQLRequest, onOpen?: () => void): AsyncIterableIterator<ExecutionResult>;
}

/** What an endpoint is made of. */
export interface EndpointOptions<Context> {
  schema: GraphQLSchema;
  /** Made anew for each operation and for each event, so that nothing cached outlives its moment. */
  createContext(caller: Caller): Context;
  /** What resolvers left in the context of a query or mutation for the response's `extensions`. */
  extensionsOf?(context: Context): Readonly<Record<string, unknown>>;
  log: Log;
}

const MAX_TOKENS = 20_000;

interface Prepared {
  document: DocumentNode;
  errors: readonly GraphQLError[];
  /** Executes one operation of the document; compiled when its turn comes for the second time. */
  executors: Map<string, CompiledExecutor>;
}

/** A schema as an endpoint: documents are parsed and validated once, errors are masked. */
export function createGraphQLEndpoint<Context>(options: EndpointOptions<Context>): GraphQLEndpoint {
  const { schema, log } = options;
  const documents = createTextMemory<Prepared>({ longestChars: Number.POSITIVE_INFINITY });

  const prepare = (query: string): Prepared => {
    const known = documents.get(query);
    if (known) return known;
    const prepared = parseAndValidate(schema, query);
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
      // What is answered here may change at any time.
      request.caller.freshness?.restrict();
      const prepared = prepare(request.query);
      const { document, errors } = prepared;
      if (errors.length > 0) return publicResult({ errors }, request.caller);
      const operation = getOperationAST(document, request.operationName);
      if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
        return publicResult(
          { errors: [new GraphQLError("Subscriptions need a streaming transport")] },
          request.caller,
        );
      }
      const call = argumentsOf(request, document);
      const result = withExtensions(
        await executorOf(schema, prepared, request)(call),
        options.extensionsOf?.(call.contextValue),
      );
      return publicResult(result, request.caller);
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

/** Compiling costs as much as many executions: it is done when an operation comes for the second time. */
function executorOf(
  schema: GraphQLSchema,
  { document, executors }: Prepared,
  { operationName = "" }: GraphQLRequest,
): CompiledExecutor {
  const known = executors.get(operationName);
  if (known && known !== execute) return known;
  const next = known ? compiledExecutor(schema, document, operationName) : execute;
  executors.set(operationName, next);
  return next;
}

/** Nothing to add leaves the result as it is. */
function withExtensions(
  result: ExecutionResult,
  added: Readonly<Record<string, unknown>> = {},
): ExecutionResult {
  if (Object.keys(added).length === 0) return result;
  return { ...result, extensions: { ...result.extensions, ...added } };
}

/** The parser works by recursion: the stack ends before the tokens of a document that is nested deeply enough. */
function parseAndValidate(schema: GraphQLSchema, query: string): Prepared {
  try {
    const document = parse(query, { maxTokens: MAX_TOKENS });
    return { document, errors: validate(schema, document), executors: new Map() };
  } catch (error) {
    const problem =
      error instanceof RangeError ? new GraphQLError("The document is nested too deeply") : error;
    if (!(problem instanceof GraphQLError)) throw error;
    return { document: { kind: Kind.DOCUMENT, definitions: [] }, errors: [problem], executors: new Map() };
  }
}
