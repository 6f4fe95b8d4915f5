import type { ApolloServerPlugin } from "@apollo/server";
import type { GatewayContext } from "../context.ts";

/**
 * Clients that accept `application/json` alone are older than the media type for GraphQL; for them the
 * specification wants 200 whenever the request itself was well-formed, errors or not.
 */
export function useStatusForAccept(): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ request, response }) {
          const accept = request.http?.headers.get("accept") ?? "*/*";
          const isLegacy =
            accept.includes("application/json") && !/graphql-response\+json|\*\/\*/.test(accept);
          if (isLegacy && response.http.status === 400) response.http.status = 200;
        },
      };
    },
  };
}
