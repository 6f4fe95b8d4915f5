import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { isErrorCode, type CodedError } from "../lib/errors.ts";
import { codedExtensions } from "../lib/graphql-errors.ts";
import type { Log } from "../lib/log.ts";

/** Codes that speak of the request itself, beside those of the contract; Apollo's clients and tools know them by these names. */
const REQUEST_CODES: ReadonlySet<string> = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_FOUND",
]);

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
  const known = publicCode(extensions["code"], subgraph !== undefined);
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

/** A coded error in GraphQL's form. */
export const asGraphQLError = (error: CodedError): GraphQLError =>
  new GraphQLError(error.message, { extensions: codedExtensions(error) });

/** For a hash that nobody has registered: clients of persisted queries know this message or this code, and send the text. */
export const unknownDocument = (): GraphQLError =>
  new GraphQLError("PersistedQueryNotFound", { extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } });

/** The same for all errors of a result. */
export const toClientErrors = (
  errors: readonly GraphQLError[],
  request: { correlationId: string; log: Log },
): GraphQLFormattedError[] =>
  // Errors that crossed a process boundary have the shape of a GraphQLError, not its methods.
  errors.map((error) => toClientError(error instanceof GraphQLError ? error.toJSON() : error, request));

/** A subgraph that finds fault with what we sent it speaks of what the client gave us, and of nothing we know better. */
function publicCode(code: unknown, isForeign: boolean): string | undefined {
  // Whoever calls it internal may have put anything in its message.
  if (typeof code !== "string" || code === "INTERNAL") return undefined;
  if (isErrorCode(code)) return code;
  if (isForeign && code === "BAD_REQUEST") return "BAD_USER_INPUT";
  if (!REQUEST_CODES.has(code)) return undefined;
  return isForeign ? "BAD_USER_INPUT" : code;
}

const masked = (subgraph: unknown, correlationId: string) =>
  `Something went wrong ${typeof subgraph === "string" ? `in the subgraph "${subgraph}"` : "here"}; quote ${correlationId} when you report it`;
