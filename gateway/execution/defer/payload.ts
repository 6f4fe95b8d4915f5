import type { ExecutionResult, GraphQLError } from "graphql";

export type Path = readonly (string | number)[];

/** A deferred part of an answer that has come. */
export interface Increment {
  path: Path;
  label?: string;
  data: Record<string, unknown> | null;
  errors?: readonly GraphQLError[];
}

/** What is sent next: the answer without its deferred parts first, then the parts as they come. */
export type Payload =
  | (ExecutionResult & { hasNext: boolean })
  | { incremental: readonly Increment[]; hasNext: boolean }
  | { hasNext: false };
