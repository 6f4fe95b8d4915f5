import { print } from "graphql";
import type { Caller } from "../../../lib/graphql-endpoint.ts";
import type { Recorded } from "../compile/run.ts";
import type { LoadedSupergraph } from "../../supergraph.ts";
import type { Operation } from "../engine.ts";
import { createDeferredPlanner, type DeferredPlans, type PlannedPart } from "./deferred-plans.ts";
import { executeDeferred, type StepResult } from "./execute-deferred.ts";
import type { Payload } from "./payload.ts";
import { splitDeferred, type SplitOperation } from "./split-deferred.ts";

/** The answers of fetches so far, by their number in the plan. */
type Answers = readonly (Recorded | undefined)[];

export interface DeferredEngineOptions<P> {
  supergraph: LoadedSupergraph;
  /** Makes of a part everything that is made once. */
  prepare: (part: PlannedPart) => P;
  /** Executes a part; fetches that are among the answers already are not made again. */
  run: (
    prepared: P,
    request: { operation: Operation; caller: Caller; answers: Answers },
  ) => Promise<StepResult<Answers>>;
}

/** Executes an operation with `@defer`; undefined leaves it to those who answer in one piece. */
export type ExecuteInParts = (
  operation: Operation,
  caller: Caller,
  deliver: (payload: Payload) => void,
) => Promise<void> | undefined;

interface PreparedParts<P> {
  primary: P;
  parts: ReadonlyMap<string, P>;
}

const CAPACITY = 200;

export function createDeferredEngine<P>({
  supergraph,
  prepare,
  run,
}: DeferredEngineOptions<P>): ExecuteInParts {
  const plan = createDeferredPlanner(supergraph);
  const known = new Map<string, PreparedParts<P> | undefined>();

  const preparedOf = (split: SplitOperation, { definition }: Operation): PreparedParts<P> | undefined => {
    const text = print(split.labelled);
    const made = known.has(text) ? known.get(text) : prepareAll(plan(split, definition), prepare);
    known.delete(text);
    known.set(text, made);
    if (known.size > CAPACITY) known.delete(known.keys().next().value ?? "");
    return made;
  };

  return (operation, caller, deliver) => {
    const split = splitDeferred(operation);
    const prepared = split && preparedOf(split, operation);
    if (!split || !prepared) return undefined;
    const request = { operation, caller };
    return executeDeferred<Answers>(
      {
        parts: split.parts,
        runPrimary: () => run(prepared.primary, { ...request, answers: [] }),
        runPart: ({ id }, answers) => {
          const part = prepared.parts.get(id);
          if (!part) throw new Error(`no plan for the part ${id}`);
          return run(part, { ...request, answers });
        },
      },
      deliver,
    );
  };
}

function prepareAll<P>(plans: DeferredPlans | undefined, prepare: (part: PlannedPart) => P) {
  if (!plans) return undefined;
  const parts = plans.parts.map(({ part, plan }) => [part.id, prepare(plan)] as const);
  return { primary: prepare(plans.primary), parts: new Map(parts) };
}
