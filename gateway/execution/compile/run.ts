import type { ExecutionResult } from "graphql";
import type { Caller, GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import type { JsonObject } from "./json-object.ts";

/** What a subgraph answered: text from the network, an object from this process, or a failure to answer. */
export type Answer = { text: string } | { result: ExecutionResult } | { failure: unknown };

/** An answer together with what it answers. */
export interface Recorded {
  answer: Answer;
  /** The representations that were sent, each once, in order; undefined for fetches without any. */
  representations: readonly string[] | undefined;
}

/** One execution of a compiled plan. */
export interface Run {
  variables: JsonObject;
  caller: Caller;
  endpointOf: (subgraph: string) => GraphQLEndpoint;
  /** Everything known so far, by response name; undefined until the first answer. */
  data: JsonObject | undefined;
  /** Answers by the number of their fetch. */
  answers: (Recorded | undefined)[];
  /** Set by anything that only Apollo's executor handles; no further fetch is started then. */
  isIrregular: boolean;
  /** What a subgraph said of the idempotency key of a mutation. */
  idempotency: unknown;
  /** Answers that Apollo's executor fetched are kept too, because other parts of the operation build on them. */
  keepsAnswers?: boolean;
}

export type Step = (run: Run) => void | Promise<void>;

export function startRun(request: Pick<Run, "variables" | "caller" | "endpointOf">): Run {
  return { ...request, data: undefined, answers: [], isIrregular: false, idempotency: undefined };
}
