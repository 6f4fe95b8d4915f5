import type { ExecutionResult, FormattedExecutionResult } from "graphql";
import { createClient, type Client } from "graphql-ws";
import { WebSocket } from "ws";
import { messageOf } from "../../lib/errors.ts";
import type { GraphQLEndpoint, GraphQLRequest } from "../../lib/graphql-endpoint.ts";
import { encodeIdentity } from "../../lib/identity.ts";
import { GATEWAY_SECRET_HEADER } from "../../lib/subgraph-server.ts";

export interface SubgraphSocket {
  subscribe: GraphQLEndpoint["subscribe"];
  close(): Promise<void>;
}

/**
 * The subscriptions of a subgraph, multiplexed over one WebSocket that reconnects for as long as somebody is
 * subscribed, with growing and jittered delays.
 */
export function createSubgraphSocket(options: { name: string; url: string; secret: string }): SubgraphSocket {
  const client = createClient({
    url: options.url.replace(/^http/, "ws"),
    webSocketImpl: PlainSocket,
    connectionParams: { [GATEWAY_SECRET_HEADER]: options.secret },
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
  return {
    subscribe: (request, onRestart) => iterate(client, request, { name: options.name, onRestart }),
    // A client whose connection has just gone rejects with that close event; gone is what we want.
    close: () => Promise.resolve(client.dispose()).catch(() => {}),
  };
}

/** Compression costs more CPU than the bytes are worth between neighbours. */
class PlainSocket extends WebSocket {
  constructor(address: string | URL, protocols: string | string[]) {
    super(address, protocols, { perMessageDeflate: false });
  }
}

function iterate(
  client: Client,
  request: GraphQLRequest,
  { name, onRestart }: { name: string; onRestart: (() => void) | undefined },
): AsyncIterableIterator<ExecutionResult> {
  const { query, variables, operationName, caller } = request;
  const { correlationId, traceparent } = caller;
  const extensions = {
    identity: encodeIdentity(caller.identity),
    correlationId,
    ...(traceparent !== undefined && { traceparent }),
  };
  const forget = client.on("connected", (_socket, _payload, wasRetry) => {
    if (wasRetry) onRestart?.();
  });
  const events = client.iterate({
    query,
    extensions,
    ...(variables && { variables }),
    ...(operationName !== undefined && { operationName }),
  }) as AsyncIterableIterator<ExecutionResult>;
  return lastWords(events, { explain: (error) => refusal(error, name) as ExecutionResult, onEnd: forget });
}

/** A stream that, where its source would throw, yields what `explain` makes of the error and ends. */
function lastWords<T>(
  source: AsyncIterator<T>,
  { explain, onEnd }: { explain: (error: unknown) => T; onEnd: () => void },
): AsyncIterableIterator<T> {
  let ended = false;
  const end = () => {
    ended = true;
    onEnd();
  };
  const stream: AsyncIterableIterator<T> = {
    next: async () => {
      if (ended) return { value: undefined, done: true };
      try {
        const result = await source.next();
        if (result.done === true) end();
        return result;
      } catch (error) {
        end();
        return { value: explain(error), done: false };
      }
    },
    return: async () => {
      end();
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
