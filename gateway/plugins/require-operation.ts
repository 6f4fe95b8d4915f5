import type { ApolloServerPlugin } from "@apollo/server";
import { GraphQLError } from "graphql";
import type { GatewayContext } from "../context.ts";

/** Refuses requests whose operation name selects nothing; Apollo Server leaves that to its executor. */
export function useRequiredOperation(): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ operation, request }) {
          if (operation) return;
          const message = `operationName: ${JSON.stringify(request.operationName ?? null)} selects no operation of the document`;
          throw new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT", http: { status: 400 } } });
        },
      };
    },
  };
}
