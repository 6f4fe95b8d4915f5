import type { Caller, GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { mapStream } from "../../lib/streams.ts";
import type { TracedWork, Tracing } from "./tracing.ts";

type Subgraph = { name: string; url: string };

/** The same endpoints with a span for every fetch and every stream; one endpoint stays one endpoint. */
export function traceEndpoints(
  endpointOf: (subgraph: Subgraph) => GraphQLEndpoint,
  tracing: Tracing,
): (subgraph: Subgraph) => GraphQLEndpoint {
  const known = new WeakMap<GraphQLEndpoint, GraphQLEndpoint>();
  return (subgraph) => {
    const endpoint = endpointOf(subgraph);
    const traced = known.get(endpoint) ?? traceEndpoint(endpoint, subgraph.name, tracing);
    known.set(endpoint, traced);
    return traced;
  };
}

function traceEndpoint(endpoint: GraphQLEndpoint, name: string, tracing: Tracing): GraphQLEndpoint {
  const begin = <R extends { caller: Caller }>(what: "fetch" | "stream", request: R) => {
    const { caller } = request;
    const work = tracing.begin(`${what} ${name}`, {
      kind: "fetch",
      parent: caller.traceparent,
      attributes: { "subgraph.name": name },
    });
    if (!work.isRecorded) return { work, traced: request };
    return { work, traced: { ...request, caller: { ...caller, traceparent: work.traceparent } } };
  };
  const fetching = <R extends { caller: Caller }, T>(request: R, fetch: (request: R) => Promise<T>) => {
    const { work, traced } = begin("fetch", request);
    const result = fetch(traced);
    return work.isRecorded ? recorded(work, result) : result;
  };
  const exchange = endpoint.exchange?.bind(endpoint);
  return {
    execute: (request) => fetching(request, (traced) => endpoint.execute(traced)),
    ...(exchange && { exchange: (request) => fetching(request, (traced) => exchange(traced)) }),
    subscribe: (request, onOpen) => {
      const { work, traced } = begin("stream", request);
      return mapStream(
        endpoint.subscribe(traced, onOpen),
        (event) => event,
        () => work.end(),
      );
    },
  };
}

async function recorded<T>(work: TracedWork, result: Promise<T>): Promise<T> {
  try {
    const value = await result;
    work.end();
    return value;
  } catch (error) {
    work.end({ failed: error });
    throw error;
  }
}
