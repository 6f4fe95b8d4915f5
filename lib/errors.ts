/** The codes of the public contract, each with the HTTP status that REST callers see. */
const STATUS = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_USER_INPUT: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  IDEMPOTENCY_KEY_REUSED: 422,
  IDEMPOTENCY_IN_FLIGHT: 409,
  RATE_LIMITED: 429,
  OPERATION_TOO_COMPLEX: 400,
  OPERATION_NOT_PLANNABLE: 400,
  DOCUMENT_NOT_TRUSTED: 400,
  SUBGRAPH_TIMEOUT: 504,
  SUBGRAPH_UNAVAILABLE: 503,
  SUBGRAPH_MALFORMED: 502,
  EXECUTOR_UNAVAILABLE: 503,
  PLM_TIMEOUT: 504,
  PLM_UNAVAILABLE: 503,
  PLM_AUTH_FAILED: 502,
  PLM_NOT_FOUND: 404,
  PLM_MALFORMED: 502,
  PLM_RATE_LIMITED: 503,
  PLM_IS_SOURCE_OF_TRUTH: 409,
  GONE: 410,
  INTERNAL: 500,
} as const;

/** Every code that callers may see. */
export type ErrorCode = keyof typeof STATUS;

/** HTTP status for a code, 400-599. */
export const statusOf = (code: ErrorCode): number => STATUS[code];

/** True for a text that is one of our codes, as in an error that another process sent. */
export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === "string" && Object.hasOwn(STATUS, value);

/** What an error says beside its code and message. */
export interface ErrorDetails {
  /** True when the same request may succeed later. */
  retryable?: boolean;
  /** Milliseconds to wait before the retry. */
  retryAfterMs?: number;
  /** The offending input: its path, what was sent, what is allowed. */
  field?: string;
  value?: unknown;
  allowed?: string;
  /** The limit that was exceeded, by its name in the documentation. */
  limit?: string;
  cause?: unknown;
}

/**
 * A failure whose message is written for the caller. Everything else that is thrown is unexpected and is
 * masked before it leaves the process.
 */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = "CodedError";
    this.code = code;
    this.details = details;
  }
}

/**
 * Makes errors that say all that there is to say without a stack, which costs more than an answer of usual size: what
 * another system did wrong, once for each request.
 *
 * @param make must not wait for anything
 */
export function withoutStack<T>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** True for an error whose message is meant for callers. */
export const isCodedError = (error: unknown): error is CodedError => error instanceof CodedError;

/** True for a refusal that says that the same may be asked again. */
export const isPassing = (error: unknown): boolean => isCodedError(error) && error.details.retryable === true;

/** `BAD_USER_INPUT` that names the field, the value and what is allowed. */
export function badInput(field: string, value: unknown, allowed: string): CodedError {
  const shown = jsonOf(value);
  const excerpt = shown.length > 80 ? `${shown.slice(0, 77)}...` : shown;
  return new CodedError("BAD_USER_INPUT", `${field}: ${excerpt} is not allowed; expected ${allowed}`, {
    field,
    value: excerpt,
    allowed,
  });
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // There is no end to the stack that lists in each other can take.
    return "a value nested too deeply";
  }
}

/** `NOT_FOUND` for an entity that does not exist or that the caller may not know of. */
export const notFound = (entity: string, id: string): CodedError =>
  new CodedError("NOT_FOUND", `${entity} ${JSON.stringify(id.slice(0, 80))} does not exist`, {
    field: "id",
    value: id.slice(0, 80),
  });

const LONGEST_MESSAGE = 1_000;
const LONG_QUOTES = /(["'])(?:(?!\1).){100,}\1/gs;

/** The message of a library, which may repeat all of what it refuses, a megabyte of it. */
export function excerptOf(message: string): string {
  const short = message.replaceAll(LONG_QUOTES, (quote) => `${quote.slice(0, 60)}…${quote.at(-1)}`);
  return short.length <= LONGEST_MESSAGE ? short : `${short.slice(0, LONGEST_MESSAGE - 1)}…`;
}

/** The message of anything thrown, for logs. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code of an error of the system, a library or a database, like `ECONNREFUSED` or `42P01`. */
export function systemCodeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Codes of PostgreSQL for a server that cannot be reached, is going down or coming up, or has no connection left. */
const AWAY_CODE =
  /^(?:08...|57P0[1-5]|53300|ECONN(?:REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
/** What the driver of PostgreSQL says without a code. */
const AWAY_WORDS = /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;

/** Whether an error says that something behind us is away: the same may work in a moment. */
export const isAway = (error: unknown): boolean =>
  AWAY_CODE.test(systemCodeOf(error) ?? "") || (error instanceof Error && AWAY_WORDS.test(error.message));

/**
 * What failed, for those whom inner addresses, accounts and paths do not concern: those are in the message, so only
 * the code is added, or the kind of the error. The message itself is for the log.
 *
 * @example publicReason("PostgreSQL cannot be used", error) // "PostgreSQL cannot be used (ECONNREFUSED)"
 */
export function publicReason(what: string, error: unknown): string {
  const kind = error instanceof Error && error.name !== "Error" ? error.name : undefined;
  const mark = systemCodeOf(error) ?? kind;
  return mark === undefined ? what : `${what} (${mark})`;
}
