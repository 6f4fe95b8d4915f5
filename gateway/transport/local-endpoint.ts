import { withinMs } from "../../lib/deadline.ts";
import type { Caller, GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { anonymous } from "../../lib/identity.ts";
import type { TransportSettings } from "./config.ts";
import { timedOut } from "../errors/failures.ts";
import type { Writes } from "./merge-in-flight.ts";
import { isQueryText } from "../execution/repeatable.ts";
import { createSubgraphGuard, type GuardDependencies, type SubgraphGuard } from "./guard.ts";

const PROBER: Caller = { identity: anonymous([]), correlationId: "health" };

/** A subgraph in this process, guarded like one behind a URL; it fails only by taking too long. */
export function createLocalEndpoint(
  endpoint: GraphQLEndpoint,
  { name, settings }: { name: string; settings: TransportSettings },
  deps: Omit<GuardDependencies, "probe"> & { writes: Writes },
): GraphQLEndpoint & { guard: SubgraphGuard } {
  const { writes } = deps;
  const within = <T>(work: Promise<T>, timeoutMs: number): Promise<T> =>
    withinMs(work, timeoutMs, () => {
      throw timedOut(name);
    });
  const guard = createSubgraphGuard(name, settings, {
    ...deps,
    probe: (timeoutMs) => within(endpoint.execute({ query: "{__typename}", caller: PROBER }), timeoutMs),
  });
  const guarded = <T>({ caller, isQuery }: { caller: Caller; isQuery: boolean }, ask: () => Promise<T>) => {
    const call = (timeoutMs: number) => within(ask(), timeoutMs);
    const answer = guard.run({ caller, isRepeatable: false, call });
    return isQuery ? answer : answer.finally(() => (writes.ended += 1));
  };
  const exchange = endpoint.exchange?.bind(endpoint);
  return {
    guard,
    execute: (request) => {
      const kind = { caller: request.caller, isQuery: isQueryText(request.query) };
      return guarded(kind, () => endpoint.execute(request));
    },
    ...(exchange && { exchange: (request) => guarded(request, () => exchange(request)) }),
    subscribe: (request, onOpen) => endpoint.subscribe(request, onOpen),
  };
}
