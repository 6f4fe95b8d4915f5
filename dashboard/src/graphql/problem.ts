import type { CombinedError } from "urql";

/** What to tell a person: the server's own words for people first. */
export function sentenceOf({ graphQLErrors, networkError }: CombinedError): string {
  const [first] = graphQLErrors;
  if (first) {
    const words = first.extensions["userMessage"];
    return typeof words === "string" ? words : first.message;
  }
  return networkError ? "The gateway cannot be reached." : UNKNOWN;
}

const UNKNOWN = "Something went wrong.";

/** A member of the union that a mutation answers with: the success, or an error for people. */
interface Outcome {
  __typename: string;
  message?: string;
}

/** @returns why a mutation did not do what it should, for people; undefined when it did */
export function problemOf<T extends Outcome>(
  error: CombinedError | undefined,
  outcome: T | undefined,
  success: T["__typename"],
): string | undefined {
  if (outcome?.__typename === success) return undefined;
  return error ? sentenceOf(error) : (outcome?.message ?? UNKNOWN);
}
