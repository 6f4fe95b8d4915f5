import { GraphQLError, type OperationDefinitionNode } from "graphql";
import { isErrorCode, statusOf, type CodedError } from "../../lib/errors.ts";
import { asGraphQLError } from "../errors/errors.ts";

/** Why an operation does not run. Nothing of it has been executed, and every transport says it with these words. */
export class Refused {
  readonly errors: readonly GraphQLError[];
  /** Over HTTP. */
  readonly status: number;
  /** What the status asks for beside it, by header. */
  readonly headers: Readonly<Record<string, string>>;
  /** The operation, as far as it was read. */
  readonly definition: OperationDefinitionNode | undefined;

  constructor(
    errors: readonly GraphQLError[],
    more: {
      status?: number;
      headers?: Readonly<Record<string, string>>;
      definition?: OperationDefinitionNode | undefined;
    } = {},
  ) {
    this.errors = errors;
    this.status = more.status ?? statusOfErrors(errors);
    this.headers = { ...retryAfter(errors[0]), ...more.headers };
    this.definition = more.definition;
  }
}

/** A refusal for one coded reason; `status` where the code alone does not say it. */
export const refusedBy = (error: CodedError, more: ConstructorParameters<typeof Refused>[1] = {}): Refused =>
  new Refused([asGraphQLError(error)], more);

/** Codes of requests, beside those of the contract. */
const REQUEST_STATUS: Readonly<Record<string, number>> = {
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  OPERATION_RESOLUTION_FAILURE: 400,
  // Clients of persisted queries send the text then, so it is no failure.
  PERSISTED_QUERY_NOT_FOUND: 200,
};

/**
 * The HTTP status of errors that come without data, by the code of the first. One that is let through from a subgraph is
 * that subgraph's way to refuse.
 */
export function statusOfErrors(
  errors: readonly { extensions?: Readonly<Record<string, unknown>> }[],
): number {
  const { code, subgraph } = errors[0]?.extensions ?? {};
  if (isErrorCode(code)) return statusOf(code);
  return (
    (typeof code === "string" ? REQUEST_STATUS[code] : undefined) ?? (subgraph === undefined ? 500 : 400)
  );
}

function retryAfter(error: GraphQLError | undefined): Record<string, string> {
  const waitMs = error?.extensions["retryAfterMs"];
  return typeof waitMs === "number" ? { "retry-after": String(Math.ceil(waitMs / 1000)) } : {};
}

/** For what should never happen; it is logged and masked. */
export const unexpected = (cause: unknown) =>
  new GraphQLError("The operation failed", { originalError: cause as Error });
