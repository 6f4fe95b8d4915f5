import type { FormattedExecutionResult } from "graphql";
import type { Client } from "graphql-ws";

/** Collects what a subscription delivers and how it ends. */
export function collect(client: Client, query: string, variables: Record<string, unknown> = {}) {
  const results: FormattedExecutionResult[] = [];
  const ends: unknown[] = [];
  const stop = client.subscribe(
    { query, variables },
    {
      next: (result) => results.push(result as FormattedExecutionResult),
      error: (error) => ends.push(error),
      complete: () => ends.push("complete"),
    },
  );
  return { results, ends, stop };
}
