import type { ApolloServerPlugin } from "@apollo/server";
import { refusals } from "../operation/authorise.ts";
import type { GatewayContext } from "../context.ts";
import type { LoadedSupergraph } from "../supergraph.ts";

/** Refuses HTTP operations that ask for more than their caller may see, before anything is fetched. */
export function useAuth(supergraph: () => LoadedSupergraph): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, contextValue }) {
          const [refusal] = refusals(document, contextValue.caller.identity, supergraph());
          if (refusal) throw refusal;
        },
      };
    },
  };
}
