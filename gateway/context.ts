import type { FastifyRequest } from "fastify";
import { CORRELATION_HEADER } from "../lib/correlation.ts";
import type { Caller } from "../lib/graphql-endpoint.ts";
import { TRACEPARENT_HEADER, traceparentFrom } from "../lib/trace-context.ts";
import type { Door } from "./door.ts";
import type { Answer } from "./execution/engine.ts";
import type { SourceGuard } from "./limits/source-guard.ts";
import type { ClientHeaders } from "./transport/header-rules.ts";

/** What an HTTP operation knows of its caller. */
export interface GatewayContext {
  caller: Caller;
  /** The answer, where the fast lane has executed the operation already. */
  answer: Answer | undefined;
  /** The client asked which way its operation was executed. */
  showsPath: boolean;
}

export interface ContextSources {
  door: Door;
  /** Refuses documents that are too large to look at. */
  guard: SourceGuard;
  answerTo: (request: FastifyRequest["raw"]) => Answer | undefined;
  clientHeaders: ClientHeaders;
}

/** Reads the caller of an HTTP request; an oversized document answers before anything else happens. */
export const contextFrom =
  ({ door, guard, answerTo, clientHeaders }: ContextSources) =>
  async (request: FastifyRequest): Promise<GatewayContext> => {
    guard(sourceOf(request.body) ?? sourceOf(request.query));
    return {
      caller: {
        identity: door.identityOf(request.raw),
        clientHeaders: clientHeaders.of(request.headers),
        correlationId: request.id,
        isCorrelationOurs: request.headers[CORRELATION_HEADER] !== request.id,
        traceparent: traceparentFrom(request.headers[TRACEPARENT_HEADER]),
      },
      answer: answerTo(request.raw),
      showsPath: request.headers["x-execution-path"] === "1",
    };
  };

const sourceOf = (container: unknown): unknown =>
  typeof container === "object" && container !== null && "query" in container ? container.query : undefined;
