import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { isErrorCode, type CodedError } from "../../lib/errors.ts";
import { codedExtensions } from "../../lib/graphql-errors.ts";
import type { Log } from "../../lib/log.ts";

/** Codes that speak of the request itself, beside those of the contract; Apollo's clients and tools know them by these names. */
const REQUEST_CODES: ReadonlySet<string> = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_FOUND",
]);

/** Extensions that may leave the gateway, whoever made the error. */
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

/** What is let through of the errors of a subgraph, beside what of them is the gateway's own language. */
export interface ErrorPass {
  codes: readonly string[];
  extensions: readonly string[];
}

const NO_PASS: ErrorPass = { codes: [], extensions: [] };

/** What the gateway says itself of an error: nobody else may say it. */
const OWN_EXTENSIONS: ReadonlySet<string> = new Set([
  "code",
  "subgraph",
  "serviceName",
  "correlationId",
  "refused",
  "http",
  ...PUBLIC_EXTENSIONS,
]);

/** Whether a code of a subgraph may be let through: those of the gateway mean what they mean here. */
export const isForeignCode = (code: string): boolean => !isErrorCode(code) && !REQUEST_CODES.has(code);

/** The same for an extension. A status (`http`) would steer our answer. */
export const isForeignExtension = (name: string): boolean => !OWN_EXTENSIONS.has(name);

/** How errors are told, whoever they are told to. */
interface Telling {
  log: Log;
  /** What is let through of a subgraph's errors, by its name. */
  passOf?: (subgraph: string) => ErrorPass;
}

/** Told of an error that clients do not get in its own words. */
type OnMasked = (subgraph: unknown, problem: string) => void;

/** The errors of an operation in the form that clients see. */
export type TellErrors = (
  errors: readonly GraphQLError[],
  request: { correlationId: string },
) => GraphQLFormattedError[];

/**
 * Tells errors as `toClientError` does. What is masked has one line in the log for all errors that say the same:
 * one failure may leave many places without a value.
 */
export const createTellErrors =
  (telling: Telling): TellErrors =>
  (errors, { correlationId }) => {
    const masked = new Map<string, { subgraph: unknown; problem: string; places: number }>();
    const onMasked = (subgraph: unknown, problem: string) => {
      const key = JSON.stringify([subgraph, problem]);
      const known = masked.get(key);
      if (known) known.places += 1;
      else masked.set(key, { subgraph, problem, places: 1 });
    };
    const told = errors.map((error) =>
      // Errors that crossed a process boundary have the shape of a GraphQLError, not its methods.
      toClientError(error instanceof GraphQLError ? error.toJSON() : error, {
        ...telling,
        correlationId,
        onMasked,
      }),
    );
    for (const each of masked.values()) telling.log.error({ correlationId, ...each }, "masked an error");
    return told;
  };

/**
 * The one place where errors take the form that clients see: a code of the contract or one that is let through, the
 * subgraph, the correlation id. Whatever has no such code is masked, and `onMasked` told what it said; a refused mutation is
 * logged with who attempted it.
 */
export function toClientError(
  error: GraphQLFormattedError,
  { correlationId, log, passOf, onMasked }: Telling & { correlationId: string; onMasked: OnMasked },
): GraphQLFormattedError {
  const extensions = error.extensions ?? {};
  const subgraph = extensions["serviceName"] ?? extensions["subgraph"];
  const pass = (typeof subgraph === "string" ? passOf?.(subgraph) : undefined) ?? NO_PASS;
  const known = publicCode(extensions["code"], { isForeign: subgraph !== undefined, pass });
  if (known === undefined) onMasked(subgraph, error.message);
  // The gateway has no audit log: who attempted what it refuses by itself is on record here alone.
  if (extensions["refused"] !== undefined && subgraph === undefined)
    log.warn({ correlationId, caller: extensions["refused"], problem: error.message }, "refused a mutation");
  const details = Object.fromEntries(
    [...PUBLIC_EXTENSIONS, ...pass.extensions]
      .filter((name) => extensions[name] !== undefined)
      .map((name) => [name, extensions[name]]),
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

/** A subgraph that finds fault with what we sent it speaks of what the client gave us, and of nothing we know better. */
function publicCode(
  code: unknown,
  { isForeign, pass }: { isForeign: boolean; pass: ErrorPass },
): string | undefined {
  // Whoever calls it internal may have put anything in its message.
  if (typeof code !== "string" || code === "INTERNAL") return undefined;
  if (isErrorCode(code) || pass.codes.includes(code)) return code;
  if (isForeign && code === "BAD_REQUEST") return "BAD_USER_INPUT";
  if (!REQUEST_CODES.has(code)) return undefined;
  return isForeign ? "BAD_USER_INPUT" : code;
}

const masked = (subgraph: unknown, correlationId: string) =>
  `Something went wrong ${typeof subgraph === "string" ? `in the subgraph "${subgraph}"` : "here"}; quote ${correlationId} when you report it`;
