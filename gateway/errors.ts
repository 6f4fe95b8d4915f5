import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { isErrorCode, statusOf, type CodedError } from "../lib/errors.ts";
import { codedExtensions } from "../lib/graphql-errors.ts";
import type { Log } from "../lib/log.ts";

/** Codes of Apollo Server that speak of the request itself, and how the contract calls them. */
const REQUEST_CODES: Readonly<Record<string, string>> = {
  GRAPHQL_PARSE_FAILED: "BAD_USER_INPUT",
  GRAPHQL_VALIDATION_FAILED: "BAD_USER_INPUT",
  OPERATION_RESOLUTION_FAILURE: "BAD_USER_INPUT",
  BAD_REQUEST: "BAD_USER_INPUT",
  PERSISTED_QUERY_NOT_FOUND: "PERSISTED_QUERY_NOT_FOUND",
  PERSISTED_QUERY_NOT_SUPPORTED: "PERSISTED_QUERY_NOT_SUPPORTED",
};

/** Extensions that may leave the gateway. */
const PUBLIC_EXTENSIONS = [
  "retryable",
  "retryAfterMs",
  "field",
  "value",
  "allowed",
  "limit",
  "userMessage",
  "morePlaces",
] as const;

/**
 * The one place where errors take the form that clients see: a code of the contract, the subgraph, the
 * correlation id. Whatever has no such code is logged and masked; a refused mutation is logged with who attempted it.
 */
export function toClientError(
  error: GraphQLFormattedError,
  request: { correlationId: string; log: Log },
): GraphQLFormattedError {
  const extensions = error.extensions ?? {};
  const { correlationId, log } = request;
  const subgraph = extensions["serviceName"] ?? extensions["subgraph"];
  const known = publicCode(extensions["code"]);
  if (known === undefined) log.error({ correlationId, subgraph, problem: error.message }, "masked an error");
  // The gateway has no audit log: who attempted what it refuses by itself is on record here alone.
  if (extensions["refused"] !== undefined && subgraph === undefined)
    log.warn({ correlationId, caller: extensions["refused"], problem: error.message }, "refused a mutation");
  const details = Object.fromEntries(
    PUBLIC_EXTENSIONS.filter((name) => extensions[name] !== undefined).map((name) => [
      name,
      extensions[name],
    ]),
  );
  return {
    message: known === undefined ? masked(subgraph, correlationId) : error.message,
    ...(error.locations && { locations: error.locations }),
    ...(error.path && { path: error.path }),
    extensions: {
      code: known ?? "INTERNAL",
      ...(typeof subgraph === "string" && { subgraph }),
      ...details,
      correlationId,
    },
  };
}

/** A coded error in GraphQL's form, with the status that it has over HTTP. */
export const asGraphQLError = (error: CodedError): GraphQLError =>
  new GraphQLError(error.message, {
    extensions: { ...codedExtensions(error), http: { status: statusOf(error.code) } },
  });

/** For a hash that nobody has registered: clients of persisted queries send the text then, so it is no failure. */
export const unknownDocument = (): GraphQLError =>
  new GraphQLError("The document is not known here; send its text", {
    extensions: { code: "PERSISTED_QUERY_NOT_FOUND", http: { status: 200 } },
  });

/** The same for all errors of a result. */
export const toClientErrors = (
  errors: readonly GraphQLError[],
  request: { correlationId: string; log: Log },
): GraphQLFormattedError[] =>
  // Errors that crossed a process boundary have the shape of a GraphQLError, not its methods.
  errors.map((error) => toClientError(error instanceof GraphQLError ? error.toJSON() : error, request));

function publicCode(code: unknown): string | undefined {
  // Whoever calls it internal may have put anything in its message.
  if (typeof code !== "string" || code === "INTERNAL") return undefined;
  return isErrorCode(code) ? code : REQUEST_CODES[code];
}

const masked = (subgraph: unknown, correlationId: string) =>
  `Something went wrong ${typeof subgraph === "string" ? `in the subgraph "${subgraph}"` : "here"}; quote ${correlationId} when you report it`;
