import { CORRELATION_HEADER } from "../../lib/correlation.ts";
import { DEADLINE_HEADER } from "../../lib/deadline.ts";
import type { Caller, GraphQLEndpoint, GraphQLRequest, TextRequest } from "../../lib/graphql-endpoint.ts";
import { anonymous, encodeIdentity, type Identity } from "../../lib/identity.ts";
import { GATEWAY_SECRET_HEADER, IDENTITY_HEADER } from "../../lib/subgraph-server.ts";
import { TRACEPARENT_HEADER } from "../../lib/trace-context.ts";
import type { PluginFetch } from "../extensions/plugin.ts";
import { answerFrom } from "./answer.ts";
import type { TransportSettings } from "./config.ts";
import { createSubgraphGuard, type GuardDependencies, type SubgraphGuard } from "./guard.ts";
import { createMergeInFlight, type Writes } from "./merge-in-flight.ts";
import { createSubgraphHeaders, type HeaderRule, type SubgraphHeaders } from "./header-rules.ts";
import { isQueryText, isRepeatable } from "../execution/repeatable.ts";
import type { CallbackReceiver } from "./streams/callback-receiver.ts";
import type { StreamRequest } from "./streams/stream-protocol.ts";
import { createSubgraphStreams } from "./subgraph-streams.ts";
import { createSubgraphHttp, type HttpAnswer } from "./subgraph-http.ts";
import type { StreamOptions } from "./subgraph-options.ts";

export interface RemoteEndpointOptions {
  name: string;
  url: string;
  secret: string;
  settings: TransportSettings;
  headers: readonly HeaderRule[];
  streams: StreamOptions;
  callbacks: CallbackReceiver | undefined;
  onFetch?: ((fetch: PluginFetch) => void) | undefined;
}

export interface RemoteEndpoint extends GraphQLEndpoint {
  guard: SubgraphGuard;
  close(): Promise<void>;
}

/** A subgraph behind a URL: queries over pooled HTTP connections, subscriptions by the protocol that it speaks. */
export function createRemoteEndpoint(
  options: RemoteEndpointOptions,
  deps: Omit<GuardDependencies, "probe"> & { writes: Writes },
): RemoteEndpoint {
  const { name, settings } = options;
  const { writes, clock } = deps;
  const http = createSubgraphHttp({ ...options, ...settings });
  const merge = createMergeInFlight<HttpAnswer>(name, writes);
  const rules = createSubgraphHeaders(options.headers, { subgraph: name, onFetch: options.onFetch });
  const headersFor = headerWriter(options.secret, rules);
  const post = async (body: string, headers: string[], timeoutMs: number): Promise<HttpAnswer> => {
    if (!rules.isRemoved(DEADLINE_HEADER)) headers.push(DEADLINE_HEADER, String(timeoutMs));
    const answer = await http.post(body, headers, timeoutMs);
    // Any other status may still come with a result; without one this says so.
    if (answer.statusCode !== 200 || !hasShapeOfObject(answer.text)) answerFrom(name, answer);
    return answer;
  };
  const guard = createSubgraphGuard(name, settings, {
    ...deps,
    probe: (timeoutMs) => post(PROBE_BODY, headersFor(PROBER), timeoutMs),
  });
  const streams = createSubgraphStreams({
    ...options,
    ...deps,
    silenceMs: settings.streamSilenceMs,
    limitBytes: settings.responseLimitBytes,
    connectionInit: rules.isRemoved(GATEWAY_SECRET_HEADER) ? {} : { [GATEWAY_SECRET_HEADER]: options.secret },
    isAlive: (timeoutMs) => answersAtAll(http.post(PROBE_BODY, headersFor(PROBER), timeoutMs)),
    meter: deps.meter.streams,
  });
  const askOnce = ({ body, isQuery, isRepeatable: mayRepeat, caller }: TextRequest) => {
    // Before the guard: a plugin that fails says nothing of the subgraph.
    const headers = headersFor(caller);
    const call = (timeoutMs: number) => post(body, [...headers], timeoutMs);
    const run = () => guard.run({ caller, isRepeatable: mayRepeat, call });
    if (!isQuery) return run().finally(() => (writes.ended += 1));
    const { deadlineAtMs = Number.POSITIVE_INFINITY } = caller;
    const timeLeftMs = () => deadlineAtMs - clock.monotonicMs();
    return merge({ caller: sameAnswerKey(caller, rules), body, call: run, timeLeftMs });
  };
  const ask = async (request: TextRequest): Promise<string> => {
    const answer = await askOnce(request);
    request.caller.freshness?.restrict(answer);
    return answer.text;
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
    subscribe: (request, onOpen) => streams.subscribe(toStreamRequest(request, rules, headersFor), onOpen),
    close: async () => {
      guard.close();
      await streams.close();
      await http.close();
    },
  };
}

const PROBE_BODY = JSON.stringify({ query: "{__typename}" });
const PROBER: Caller = { identity: anonymous([]), correlationId: "health" };

/** Whatever it answers, it answers. */
const answersAtAll = (answer: Promise<HttpAnswer>): Promise<boolean> =>
  answer.then(
    () => true,
    () => false,
  );

/** A glance that spares the parser the commonest nonsense. */
const hasShapeOfObject = (text: string): boolean => /^\s*\{/.test(text) && /\}\s*$/.test(text.slice(-32));

/** What of its caller an answer may depend on. A correlation id that we made up is left out: it changes no answer. */
function sameAnswerKey(caller: Caller, { ruledFor }: SubgraphHeaders): string {
  const { identity, correlationId, isCorrelationOurs = false } = caller;
  const key = isCorrelationOurs ? encoded(identity) : `${encoded(identity)}\n${correlationId}`;
  return ruledFor ? `${key}\n${ruledFor(caller).key}` : key;
}

/** Names and values of the headers of a call, in turn. */
function headerWriter(
  secret: string,
  { ruledFor, isRemoved }: SubgraphHeaders,
): (caller: Caller) => string[] {
  const kept = (...headers: [name: string, value: string][]) =>
    headers.filter(([name]) => !isRemoved(name)).flat();
  const fixed = ["content-type", "application/json", ...kept([GATEWAY_SECRET_HEADER, secret])];
  const tellsIdentity = !isRemoved(IDENTITY_HEADER);
  const tellsCorrelation = !isRemoved(CORRELATION_HEADER);
  const tellsTrace = !isRemoved(TRACEPARENT_HEADER);
  return (caller) => {
    const headers = [...fixed];
    if (tellsIdentity) headers.push(IDENTITY_HEADER, encoded(caller.identity));
    if (tellsCorrelation) headers.push(CORRELATION_HEADER, caller.correlationId);
    if (tellsTrace && caller.traceparent !== undefined) headers.push(TRACEPARENT_HEADER, caller.traceparent);
    if (ruledFor) headers.push(...Object.entries(ruledFor(caller).added).flat());
    return headers;
  };
}

/** Over WebSocket, where headers belong to the connection, what differs by caller goes into `extensions`. */
function toStreamRequest(
  { query, variables, operationName, caller }: GraphQLRequest,
  { ruledFor, isRemoved }: SubgraphHeaders,
  headersFor: (caller: Caller) => string[],
): StreamRequest {
  const { correlationId, traceparent } = caller;
  const extensions = {
    ...(!isRemoved(IDENTITY_HEADER) && { identity: encoded(caller.identity) }),
    ...(!isRemoved(CORRELATION_HEADER) && { correlationId }),
    ...(traceparent !== undefined && !isRemoved(TRACEPARENT_HEADER) && { traceparent }),
  };
  return {
    payload: {
      query,
      ...(variables && { variables }),
      ...(operationName !== undefined && { operationName }),
      ...(Object.keys(extensions).length > 0 && { extensions }),
    },
    headers: asRecord(headersFor(caller)),
    ruledHeaders: ruledFor?.(caller).added ?? {},
  };
}

const asRecord = (headers: readonly string[]): Record<string, string> =>
  Object.fromEntries(headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? ""]] : [])));

const identities = new WeakMap<Identity, string>();

/** Identities live as long as their tokens do, so each is encoded once. */
function encoded(identity: Identity): string {
  const known = identities.get(identity);
  if (known !== undefined) return known;
  const text = encodeIdentity(identity);
  identities.set(identity, text);
  return text;
}
