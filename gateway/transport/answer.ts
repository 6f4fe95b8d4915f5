import type { ExecutionResult } from "graphql";
import { CodedError } from "../../lib/errors.ts";

/**
 * The GraphQL result in what a subgraph sent.
 *
 * @throws CodedError SUBGRAPH_UNAVAILABLE when there is none in it
 */
export function answerFrom(
  name: string,
  { text, statusCode }: { text: string; statusCode: number },
): ExecutionResult {
  const result = parseJson(text);
  const isResult = typeof result === "object" && result !== null && ("data" in result || "errors" in result);
  if (isResult) return result as ExecutionResult;
  throw new CodedError(
    "SUBGRAPH_UNAVAILABLE",
    `The subgraph "${name}" answered HTTP ${statusCode} without a GraphQL result`,
    {
      retryable: true,
    },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
