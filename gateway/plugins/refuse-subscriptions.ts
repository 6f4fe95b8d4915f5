import type { ApolloServerPlugin } from "@apollo/server";
import { GraphQLError, OperationTypeNode } from "graphql";
import type { GatewayContext } from "../context.ts";

/** Tells those who ask for a subscription but accept only one answer which ways there are to stream. */
export function refuseSubscriptions(): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ operation }) {
          if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
          throw new GraphQLError(
            "Subscriptions need a stream: use WebSocket, or accept text/event-stream or multipart/mixed;subscriptionSpec=1.0",
            { extensions: { code: "BAD_USER_INPUT", http: { status: 406 } } },
          );
        },
      };
    },
  };
}
