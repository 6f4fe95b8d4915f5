import type { ExecutionResult, FormattedExecutionResult } from "graphql";
import { createClient, type Client } from "graphql-ws";
import { errors, Pool } from "undici";
import { WebSocket } from "ws";
import { CORRELATION_HEADER } from "../../lib/correlation.ts";
import { CodedError, messageOf } from "../../lib/errors.ts";
import type { GraphQLEndpoint, GraphQLRequest } from "../../lib/graphql-endpoint.ts";
import { encodeIdentity } from "../../lib/identity.ts";
import { GATEWAY_SECRET_HEADER, IDENTITY_HEADER } from "../../lib/subgraph-server.ts";

export interface RemoteEndpointOptions {
  name: string;
  url: string;
  secret: string;
  timeoutMs: number;
}

export interface RemoteEndpoint extends GraphQLEndpoint {
  close(): Promise<void>;
}

const RESPONSE_LIMIT_BYTES = 64 * 1_048_576;
const CONNECTIONS = 64;

/**
 * A subgraph behind a URL: queries over pooled HTTP connections, subscriptions multiplexed over one
 * WebSocket that reconnects for as long as somebody is subscribed.
 */
export function createRemoteEndpoint(options: RemoteEndpointOptions): RemoteEndpoint {
  const { origin, pathname, search } = new URL(options.url);
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    connectTimeout: Math.min(options.timeoutMs, 3_000),
    maxResponseSize: RESPONSE_LIMIT_BYTES,
  });
  const sockets = createSocketClient(options);
  return {
    async execute(request) {
      const response = await pool
        .request({
          method: "POST",
          path: pathname + search,
          headers: headersOf(request, options.secret),
          body: bodyOf(request),
        })
        .then(async ({ statusCode, body }) => ({ statusCode, text: await body.text() }))
        .catch((error: unknown) => {
          throw unreachable(options.name, error);
        });
      return parseResult(options.name, response);
    },
    subscribe: (request) => iterate(sockets, request, options.name),
    close: async () => {
      // A client whose connection has just gone rejects with that close event; gone is what we want.
      await Promise.resolve(sockets.dispose()).catch(() => {});
      await pool.close();
    },
  };
}

const headersOf = ({ caller }: GraphQLRequest, secret: string) => ({
  "content-type": "application/json",
  [GATEWAY_SECRET_HEADER]: secret,
  [IDENTITY_HEADER]: encodeIdentity(caller.identity),
  [CORRELATION_HEADER]: caller.correlationId,
});

const bodyOf = ({ query, variables, operationName }: GraphQLRequest) =>
  JSON.stringify({ query, variables, operationName });

function parseResult(name: string, response: { statusCode: number; text: string }): ExecutionResult {
  const result = parseJson(response.text);
  const isResult = typeof result === "object" && result !== null && ("data" in result || "errors" in result);
  if (!isResult) {
    throw new CodedError(
      "SUBGRAPH_UNAVAILABLE",
      `The subgraph "${name}" answered HTTP ${response.statusCode} without a GraphQL result`,
      { retryable: true },
    );
  }
  return result as ExecutionResult;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(name: string, cause: unknown): CodedError {
  const isTimeout = cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError;
  return isTimeout
    ? new CodedError("SUBGRAPH_TIMEOUT", `The subgraph "${name}" did not answer in time`, {
        retryable: true,
        cause,
      })
    : new CodedError("SUBGRAPH_UNAVAILABLE", `The subgraph "${name}" cannot be reached`, {
        retryable: true,
        cause,
      });
}

function createSocketClient({ url, secret }: RemoteEndpointOptions): Client {
  return createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: SubgraphSocket,
    connectionParams: { [GATEWAY_SECRET_HEADER]: secret },
    lazy: true,
    lazyCloseTimeout: 1_000,
    keepAlive: 10_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (attempt) => {
      const backoffMs = Math.min(100 * 2 ** attempt, 5_000);
      return new Promise((resolve) => setTimeout(resolve, backoffMs * (0.5 + Math.random() / 2)));
    },
  });
}

/** Compression costs more CPU than the bytes are worth between neighbours. */
class SubgraphSocket extends WebSocket {
  constructor(address: string | URL, protocols: string | string[]) {
    super(address, protocols, { perMessageDeflate: false });
  }
}

function iterate(
  client: Client,
  request: GraphQLRequest,
  name: string,
): AsyncIterableIterator<ExecutionResult> {
  const { query, variables, operationName, caller } = request;
  const extensions = { identity: encodeIdentity(caller.identity), correlationId: caller.correlationId };
  const events = client.iterate({
    query,
    extensions,
    ...(variables && { variables }),
    ...(operationName !== undefined && { operationName }),
  }) as AsyncIterableIterator<ExecutionResult>;
  return lastWords(events, (error) => refusal(error, name) as ExecutionResult);
}

/** A stream that, where its source would throw, yields what `explain` makes of the error and ends. */
function lastWords<T>(source: AsyncIterator<T>, explain: (error: unknown) => T): AsyncIterableIterator<T> {
  let ended = false;
  const stream: AsyncIterableIterator<T> = {
    next: () => {
      if (ended) return Promise.resolve({ value: undefined, done: true });
      return source.next().catch((error: unknown) => {
        ended = true;
        return { value: explain(error), done: false };
      });
    },
    return: async () => {
      ended = true;
      await source.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

/** graphql-ws throws the errors of a refused subscription as an array, everything else as itself. */
function refusal(error: unknown, name: string): FormattedExecutionResult {
  if (Array.isArray(error)) return { errors: error };
  const extensions = { code: "SUBGRAPH_UNAVAILABLE", retryable: true };
  return {
    errors: [
      { message: `The subscription to the subgraph "${name}" ended: ${messageOf(error)}`, extensions },
    ],
  };
}
