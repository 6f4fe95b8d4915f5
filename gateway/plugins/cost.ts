import type { ApolloServerPlugin } from "@apollo/server";
import type { GatewayContext } from "../context.ts";
import { asGraphQLError } from "../errors.ts";
import type { Limits } from "../limits/limits.ts";
import type { LoadedSupergraph } from "../supergraph.ts";

/** Refuses HTTP operations that cost too much, before anything is fetched. */
export function useCostLimit(
  limits: Limits,
  supergraph: () => LoadedSupergraph,
): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, operation, request, contextValue }) {
          // What the fast lane has executed was looked at there.
          if (!operation || contextValue.answer) return;
          const { variables = {} } = request;
          const refusal = limits.cost({ document, definition: operation, variables }, supergraph());
          if (refusal) throw asGraphQLError(refusal);
        },
      };
    },
  };
}
