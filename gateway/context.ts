import type { FastifyRequest } from "fastify";
import { GraphQLError } from "graphql";
import { isCodedError, statusOf } from "../lib/errors.ts";
import type { Caller } from "../lib/graphql-endpoint.ts";
import type { Answer } from "./execution/engine.ts";
import type { Identify } from "./identify.ts";
import type { SourceGuard } from "./limits/source-guard.ts";

/** What an HTTP operation knows of its caller. */
export interface GatewayContext {
  caller: Caller;
  /** The answer, where the fast lane has executed the operation already. */
  answer: Answer | undefined;
  /** The client asked which way its operation was executed. */
  showsPath: boolean;
}

export interface ContextSources {
  identify: Identify;
  /** Refuses documents that are too large to look at. */
  guard: SourceGuard;
  answerTo: (request: FastifyRequest["raw"]) => Answer | undefined;
}

/** Reads the caller of an HTTP request; a bad token or an oversized document answers before anything else happens. */
export const contextFrom =
  ({ identify, guard, answerTo }: ContextSources) =>
  async (request: FastifyRequest): Promise<GatewayContext> => {
    const caller = await callerOf(request, identify);
    guard(sourceOf(request.body) ?? sourceOf(request.query));
    return {
      caller,
      answer: answerTo(request.raw),
      showsPath: request.headers["x-execution-path"] === "1",
    };
  };

async function callerOf(request: FastifyRequest, identify: Identify): Promise<Caller> {
  try {
    return { identity: await identify(request.headers.authorization), correlationId: request.id };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const extensions = {
      code: error.code,
      correlationId: request.id,
      http: { status: statusOf(error.code) },
    };
    throw new GraphQLError(error.message, { extensions });
  }
}

const sourceOf = (container: unknown): unknown =>
  typeof container === "object" && container !== null && "query" in container ? container.query : undefined;
