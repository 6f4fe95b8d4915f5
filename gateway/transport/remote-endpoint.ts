import { CORRELATION_HEADER } from "../../lib/correlation.ts";
import { DEADLINE_HEADER } from "../../lib/deadline.ts";
import type { Caller, GraphQLEndpoint, TextRequest } from "../../lib/graphql-endpoint.ts";
import { anonymous, encodeIdentity, type Identity } from "../../lib/identity.ts";
import { GATEWAY_SECRET_HEADER, IDENTITY_HEADER } from "../../lib/subgraph-server.ts";
import { TRACEPARENT_HEADER } from "../../lib/trace-context.ts";
import { answerFrom } from "./answer.ts";
import type { TransportSettings } from "./config.ts";
import { createSubgraphGuard, type GuardDependencies, type SubgraphGuard } from "./guard.ts";
import { createMergeInFlight } from "./merge-in-flight.ts";
import { isQueryText, isRepeatable } from "./repeatable.ts";
import { createSubgraphHttp, type HttpAnswer } from "./subgraph-http.ts";
import { createSubgraphSocket } from "./subgraph-socket.ts";

export interface RemoteEndpointOptions {
  name: string;
  url: string;
  secret: string;
  settings: TransportSettings;
}

export interface RemoteEndpoint extends GraphQLEndpoint {
  guard: SubgraphGuard;
  close(): Promise<void>;
}

/**
 * A subgraph behind a URL: queries over pooled HTTP connections, subscriptions multiplexed over one
 * WebSocket that reconnects for as long as somebody is subscribed.
 */
export function createRemoteEndpoint(
  options: RemoteEndpointOptions,
  deps: Omit<GuardDependencies, "probe">,
): RemoteEndpoint {
  const { name, settings } = options;
  const http = createSubgraphHttp({ ...options, ...settings });
  const socket = createSubgraphSocket(options);
  const merge = createMergeInFlight<HttpAnswer>();
  const headersFor = headerWriter(options.secret);
  const post = async (body: string, headers: string[], timeoutMs: number): Promise<HttpAnswer> => {
    const answer = await http.post(body, [...headers, DEADLINE_HEADER, String(timeoutMs)], timeoutMs);
    // Any other status may still come with a result; without one this says so.
    if (answer.statusCode !== 200 || !hasShapeOfObject(answer.text)) answerFrom(name, answer);
    return answer;
  };
  const guard = createSubgraphGuard(name, settings, {
    ...deps,
    probe: (timeoutMs) => post(PROBE_BODY, headersFor(PROBER), timeoutMs),
  });
  const ask = ({ body, isQuery, caller, ...request }: TextRequest): Promise<HttpAnswer> => {
    const headers = headersFor(caller);
    const { traceparent } = caller;
    const sent = traceparent === undefined ? headers : [...headers, TRACEPARENT_HEADER, traceparent];
    const call = (timeoutMs: number) => post(body, sent, timeoutMs);
    const run = () => guard.run({ caller, isRepeatable: request.isRepeatable, call });
    return isQuery ? merge(`${headers.join("\n")}\n${body}`, run) : run();
  };
  return {
    guard,
    execute: async ({ query, variables, operationName, caller }) => {
      const body = JSON.stringify({ query, variables, operationName });
      const kind = { isQuery: isQueryText(query), isRepeatable: isRepeatable(query) };
      return answerFrom(name, await ask({ body, ...kind, caller }));
    },
    exchange: async (request) => (await ask(request)).text,
    subscribe: socket.subscribe,
    close: async () => {
      guard.close();
      await socket.close();
      await http.close();
    },
  };
}

const PROBE_BODY = JSON.stringify({ query: "{__typename}" });
const PROBER: Caller = { identity: anonymous([]), correlationId: "health" };

/** A glance that spares the parser the commonest nonsense. */
const hasShapeOfObject = (text: string): boolean => /^\s*\{/.test(text) && /\}\s*$/.test(text.slice(-32));

/** The headers that an answer may depend on. */
function headerWriter(secret: string): (caller: Caller) => string[] {
  const fixed = ["content-type", "application/json", GATEWAY_SECRET_HEADER, secret];
  const identities = new WeakMap<Identity, string>();
  return ({ identity, correlationId }) => {
    const encoded = identities.get(identity) ?? encodeIdentity(identity);
    identities.set(identity, encoded);
    return [...fixed, IDENTITY_HEADER, encoded, CORRELATION_HEADER, correlationId];
  };
}
