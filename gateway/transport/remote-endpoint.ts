import { CORRELATION_HEADER } from "../../lib/correlation.ts";
import { DEADLINE_HEADER } from "../../lib/deadline.ts";
import type { Caller, GraphQLEndpoint, TextRequest } from "../../lib/graphql-endpoint.ts";
import { anonymous, encodeIdentity, type Identity } from "../../lib/identity.ts";
import { GATEWAY_SECRET_HEADER, IDENTITY_HEADER } from "../../lib/subgraph-server.ts";
import { TRACEPARENT_HEADER } from "../../lib/trace-context.ts";
import { answerFrom } from "./answer.ts";
import type { TransportSettings } from "./config.ts";
import { createSubgraphGuard, type GuardDependencies, type SubgraphGuard } from "./guard.ts";
import { createMergeInFlight, type Writes } from "./merge-in-flight.ts";
import { isQueryText, isRepeatable } from "./repeatable.ts";
import { createSubgraphHttp } from "./subgraph-http.ts";
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
  deps: Omit<GuardDependencies, "probe"> & { writes: Writes },
): RemoteEndpoint {
  const { name, settings } = options;
  const { writes, clock } = deps;
  const http = createSubgraphHttp({ ...options, ...settings });
  const socket = createSubgraphSocket(options);
  const merge = createMergeInFlight<string>(name, writes);
  const headersFor = headerWriter(options.secret);
  const post = async (body: string, headers: string[], timeoutMs: number): Promise<string> => {
    headers.push(DEADLINE_HEADER, String(timeoutMs));
    const answer = await http.post(body, headers, timeoutMs);
    // Any other status may still come with a result; without one this says so.
    if (answer.statusCode !== 200 || !hasShapeOfObject(answer.text)) answerFrom(name, answer);
    return answer.text;
  };
  const guard = createSubgraphGuard(name, settings, {
    ...deps,
    probe: (timeoutMs) => post(PROBE_BODY, headersFor(PROBER), timeoutMs),
  });
  const ask = ({ body, isQuery, caller, ...request }: TextRequest): Promise<string> => {
    const call = (timeoutMs: number) => post(body, headersFor(caller), timeoutMs);
    const run = () => guard.run({ caller, isRepeatable: request.isRepeatable, call });
    if (!isQuery) return run().finally(() => (writes.ended += 1));
    const { deadlineAtMs = Number.POSITIVE_INFINITY } = caller;
    const timeLeftMs = () => deadlineAtMs - clock.monotonicMs();
    return merge({ caller: sameAnswerKey(caller), body, call: run, timeLeftMs });
  };
  return {
    guard,
    execute: async ({ query, variables, operationName, caller }) => {
      const body = JSON.stringify({ query, variables, operationName });
      const kind = { isQuery: isQueryText(query), isRepeatable: isRepeatable(query) };
      const text = await ask({ body, ...kind, caller });
      // With any other status there is a result in it, or `post` has said so.
      return answerFrom(name, { statusCode: 200, text });
    },
    exchange: ask,
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

/** What of its caller an answer may depend on. An id that nobody outside knows tells calls apart for no one. */
const sameAnswerKey = ({ identity, correlationId, isCorrelationOurs = false }: Caller): string =>
  isCorrelationOurs ? encoded(identity) : `${encoded(identity)}\n${correlationId}`;

function headerWriter(secret: string): (caller: Caller) => string[] {
  const fixed = ["content-type", "application/json", GATEWAY_SECRET_HEADER, secret];
  return ({ identity, correlationId, traceparent }) => {
    const headers = [...fixed, IDENTITY_HEADER, encoded(identity), CORRELATION_HEADER, correlationId];
    if (traceparent !== undefined) headers.push(TRACEPARENT_HEADER, traceparent);
    return headers;
  };
}

const identities = new WeakMap<Identity, string>();

/** Identities live as long as their tokens do, so each is encoded once. */
function encoded(identity: Identity): string {
  const known = identities.get(identity) ?? encodeIdentity(identity);
  identities.set(identity, known);
  return known;
}
