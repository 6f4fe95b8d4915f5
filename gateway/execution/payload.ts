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

/** An object of which a part is deferred, by the name that the newer protocol has for it. */
export interface Announced {
  id: string;
  path: Path;
  label?: string;
}

/** What a payload says to clients of the newer protocol: which parts are to come from now on, and which have. */
export interface Progress {
  pending: readonly Announced[];
  /** Without an increment there was nothing to tell. */
  completed: readonly { id: string; increment?: Increment }[];
}

/** Takes a payload; the progress is there whenever something is deferred. */
export type Deliver = (payload: Payload | ExecutionResult, progress?: Progress) => void;
