import type { ExecutionResult } from "graphql";
import { unavailable } from "../errors/failures.ts";

/**
 * The GraphQL result in what a subgraph sent. No data without an error is none: clients would get nulls unexplained.
 *
 * @throws CodedError SUBGRAPH_UNAVAILABLE when there is none in it
 */
export function answerFrom(
  name: string,
  { text, statusCode }: { text: string; statusCode: number },
): ExecutionResult {
  const result = parseJson(text);
  if (isResult(result)) return result;
  throw unavailable(name, `answered HTTP ${statusCode} without a GraphQL result`);
}

function isResult(value: unknown): value is ExecutionResult {
  if (typeof value !== "object" || value === null) return false;
  const { data, errors } = value as ExecutionResult;
  // Some servers send an empty list of errors with every answer.
  const hasErrors = Array.isArray(errors) && errors.length > 0;
  return hasErrors || (typeof data === "object" && data !== null);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
