import type { FastifyReply } from "fastify";
import { statusOf, type CodedError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { asGraphQLError, toClientErrors } from "./errors.ts";

/** Answers a request that is refused before GraphQL has a look at it, in GraphQL's form. */
export function sendRefusal(reply: FastifyReply, error: CodedError, log: Log): FastifyReply {
  const { retryAfterMs } = error.details;
  if (retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(retryAfterMs / 1000));
  const errors = toClientErrors([asGraphQLError(error)], { correlationId: reply.request.id, log });
  return reply.code(statusOf(error.code)).send({ errors });
}
