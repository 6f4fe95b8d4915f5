import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { excerptOf, isAway, isCodedError, type CodedError } from "./errors.ts";
import type { Log } from "./log.ts";

/**
 * The one place where errors become public: coded errors and errors of the request itself pass, everything
 * else is logged under the correlation id and replaced.
 */
export function toPublicError(
  error: unknown,
  request: { correlationId: string; log: Log },
): GraphQLFormattedError {
  const outer = error instanceof GraphQLError ? error : undefined;
  const inner = outer?.originalError ?? (outer ? undefined : error);
  const position = {
    ...(outer?.path && { path: outer.path }),
    ...(outer?.locations && { locations: outer.locations }),
  };
  const { correlationId } = request;
  if (isCodedError(inner)) {
    return { message: inner.message, ...position, extensions: { ...codedExtensions(inner), correlationId } };
  }
  if (outer && (inner === undefined || inner instanceof GraphQLError)) {
    const extensions = { code: "BAD_USER_INPUT", ...outer.extensions, correlationId };
    return { message: excerptOf(outer.message), ...position, extensions };
  }
  request.log.error({ err: inner, correlationId }, "unexpected error");
  const extensions = { code: "INTERNAL", ...(isAway(inner) && { retryable: true }), correlationId };
  return {
    message: `Something went wrong here; quote ${correlationId} when you report it`,
    ...position,
    extensions,
  };
}

/** The public details of a coded error. */
export function codedExtensions(error: CodedError): Record<string, unknown> {
  const { cause: _cause, ...details } = error.details;
  return { code: error.code, ...details };
}

/** What every GraphQLError has, without what makes one. */
const BLANK = Object.fromEntries(
  ["nodes", "source", "positions", "locations", "path", "originalError"].map((name) => [name, undefined]),
);

/**
 * An error for what another system did wrong, once for each request. It is a GraphQLError by all that reads one, but says
 * nothing of where it was made: the stack, and properties defined one by one, cost more than the error is worth (8 µs for
 * each, measured on Node 24).
 *
 * @example wordsOf("no such model", { path: ["model"], extensions: { code: "NOT_FOUND" } }).toJSON()
 */
export const wordsOf = (
  message: string,
  said: { path?: readonly (string | number)[]; extensions: Readonly<Record<string, unknown>> },
): GraphQLError =>
  Object.assign(Object.create(GraphQLError.prototype) as GraphQLError, {
    ...BLANK,
    name: "GraphQLError",
    message,
    ...said,
  });
