import { withinMs } from "../../lib/deadline.ts";
import type { Caller, GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { anonymous } from "../../lib/identity.ts";
import type { TransportSettings } from "./config.ts";
import { timedOut } from "./failures.ts";
import { createSubgraphGuard, type GuardDependencies, type SubgraphGuard } from "./guard.ts";

const PROBER: Caller = { identity: anonymous([]), correlationId: "health" };

/** A subgraph in this process, guarded like one behind a URL; it fails only by taking too long. */
export function createLocalEndpoint(
  endpoint: GraphQLEndpoint,
  { name, settings }: { name: string; settings: TransportSettings },
  deps: Omit<GuardDependencies, "probe">,
): GraphQLEndpoint & { guard: SubgraphGuard } {
  const within = <T>(work: Promise<T>, timeoutMs: number): Promise<T> =>
    withinMs(work, timeoutMs, () => {
      throw timedOut(name);
    });
  const guard = createSubgraphGuard(name, settings, {
    ...deps,
    probe: (timeoutMs) => within(endpoint.execute({ query: "{__typename}", caller: PROBER }), timeoutMs),
  });
  const exchange = endpoint.exchange?.bind(endpoint);
  return {
    guard,
    execute: (request) =>
      guard.run({
        caller: request.caller,
        isRepeatable: false,
        call: (timeoutMs) => within(endpoint.execute(request), timeoutMs),
      }),
    ...(exchange && {
      exchange: (request) =>
        guard.run({
          caller: request.caller,
          isRepeatable: false,
          call: (timeoutMs) => within(exchange(request), timeoutMs),
        }),
    }),
    subscribe: (request, onRestart) => endpoint.subscribe(request, onRestart),
  };
}
