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
