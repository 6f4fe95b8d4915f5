import { errors } from "undici";
import { CORRELATION_HEADER } from "../../lib/correlation.ts";
import { CodedError } from "../../lib/errors.ts";
import type { Caller, GraphQLEndpoint, TextRequest } from "../../lib/graphql-endpoint.ts";
import { encodeIdentity, type Identity } from "../../lib/identity.ts";
import { GATEWAY_SECRET_HEADER, IDENTITY_HEADER } from "../../lib/subgraph-server.ts";
import { answerFrom } from "./answer.ts";
import { createMergeInFlight } from "./merge-in-flight.ts";
import { createRetry } from "./retry.ts";
import { createSubgraphHttp, type HttpAnswer } from "./subgraph-http.ts";
import { createSubgraphSocket } from "./subgraph-socket.ts";

export interface RemoteEndpointOptions {
  name: string;
  url: string;
  secret: string;
  timeoutMs: number;
}

export interface RemoteEndpoint extends GraphQLEndpoint {
  close(): Promise<void>;
}

/**
 * A subgraph behind a URL: queries over pooled HTTP connections, subscriptions multiplexed over one
 * WebSocket that reconnects for as long as somebody is subscribed.
 */
export function createRemoteEndpoint(options: RemoteEndpointOptions): RemoteEndpoint {
  const { name, secret } = options;
  const http = createSubgraphHttp(options);
  const socket = createSubgraphSocket(options);
  const retry = createRetry({ random: Math.random });
  const merge = createMergeInFlight<HttpAnswer>();
  const identities = new WeakMap<Identity, string>();

  const headersFor = ({ identity, correlationId }: Caller): string[] => {
    const encoded = identities.get(identity) ?? encodeIdentity(identity);
    identities.set(identity, encoded);
    return [...fixedHeaders(secret), IDENTITY_HEADER, encoded, CORRELATION_HEADER, correlationId];
  };
  const post = async (body: string, headers: string[]): Promise<HttpAnswer> => {
    try {
      return await http.post(body, headers);
    } catch (error) {
      throw unreachable(name, error);
    }
  };
  const ask = ({ body, isQuery, caller }: TextRequest): Promise<HttpAnswer> => {
    const headers = headersFor(caller);
    if (!isQuery) return post(body, headers);
    return merge(`${headers.join("\n")}\n${body}`, () => retry(isQuery, () => post(body, headers)));
  };
  return {
    execute: async ({ query, variables, operationName, caller }) => {
      const body = JSON.stringify({ query, variables, operationName });
      return answerFrom(name, await ask({ body, isQuery: QUERY.test(query), caller }));
    },
    exchange: async (request) => {
      const answer = await ask(request);
      // Any other status may still come with a result; without one this says so.
      if (answer.statusCode !== 200) answerFrom(name, answer);
      return answer.text;
    },
    subscribe: socket.subscribe,
    close: async () => {
      await socket.close();
      await http.close();
    },
  };
}

/** How the planner starts the text of what only reads. */
const QUERY = /^\s*(?:query\b|\{)/;

const fixedHeaders = (secret: string) => ["content-type", "application/json", GATEWAY_SECRET_HEADER, secret];

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
