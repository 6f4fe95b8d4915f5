import type { FastifyRequest } from "fastify";
import { GraphQLError } from "graphql";
import { isCodedError, statusOf } from "../lib/errors.ts";
import type { Caller } from "../lib/graphql-endpoint.ts";
import type { Identify } from "./identify.ts";

/** What an HTTP operation knows of its caller. */
export interface GatewayContext {
  caller: Caller;
}

/** Reads the caller of an HTTP request; a bad token answers 401 before anything else happens. */
export const contextFrom =
  (identify: Identify) =>
  async (request: FastifyRequest): Promise<GatewayContext> => {
    try {
      const identity = await identify(request.headers.authorization);
      return { caller: { identity, correlationId: request.id } };
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const extensions = {
        code: error.code,
        correlationId: request.id,
        http: { status: statusOf(error.code) },
      };
      throw new GraphQLError(error.message, { extensions });
    }
  };
