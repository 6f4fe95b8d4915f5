import type { Caller, GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import type { Explanation } from "./explanation.ts";
import { Faults } from "./faults.ts";
import type { JsonObject } from "./json.ts";

/** One execution of an operation. */
export interface Run {
  /** Coerced variables of the client. */
  variables: JsonObject;
  caller: Caller;
  endpointOf: (subgraph: string) => GraphQLEndpoint;
  /** Everything known so far, by its name in the data. */
  data: JsonObject;
  readonly faults: Faults;
  /** Whether anything went wrong. */
  readonly isFaulty: boolean;
  /** Whether every string came out of JSON text without a backslash, so that none needs an escape in the answer. */
  isPlain: boolean;
  /** Texts that subgraphs have answered already, by what was sent. */
  texts: { body: string; text: Promise<string> }[];
  /** What a subgraph said of the idempotency key of a mutation. */
  idempotency: unknown;
  /** Watches it, where somebody wants to know how the answer comes about. */
  readonly explanation: Explanation | undefined;
}

/** Does a part of a plan. Never rejects: what goes wrong is noted in the run's faults. */
export type Step = (run: Run) => Promise<void>;

type Asked = Pick<Run, "variables" | "caller" | "endpointOf"> & { explanation?: Explanation | undefined };

export const startRun = (asked: Asked): Run => new StartedRun(asked);

class StartedRun implements Run {
  readonly variables: Run["variables"];
  readonly caller: Caller;
  readonly endpointOf: Run["endpointOf"];
  readonly explanation: Explanation | undefined;
  data: JsonObject = {};
  isPlain = true;
  readonly texts: Run["texts"] = [];
  idempotency: unknown = undefined;
  #faults: Faults | undefined;

  constructor({ variables, caller, endpointOf, explanation }: Asked) {
    this.variables = variables;
    this.caller = caller;
    this.explanation = explanation;
    this.endpointOf = explanation ? explanation.watching(endpointOf) : endpointOf;
  }

  /** Made when somebody asks for it: most answers have nothing to do with faults. */
  get faults(): Faults {
    return (this.#faults ??= new Faults());
  }

  get isFaulty(): boolean {
    return this.#faults?.isEmpty === false;
  }
}
