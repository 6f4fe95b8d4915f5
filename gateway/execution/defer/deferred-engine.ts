import { Kind, print, type DocumentNode, type OperationDefinitionNode } from "graphql";
import { isPassing } from "../../../lib/errors.ts";
import { createTextMemory } from "../../../lib/text-memory.ts";
import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import { decidingVariables, fragmentsOf, textOfOperation, type DecidedOperation } from "../decided.ts";
import type { Operation } from "../engine.ts";
import type { Planner } from "../plan.ts";
import type { Planned, PlanChoice } from "../plan-store.ts";
import { splitDeferred, type SplitOperation } from "./split-deferred.ts";

export interface DeferredOperations<P> {
  /** The operation in its parts; undefined when nothing is deferred. */
  partsOf(operation: Operation, choice: PlanChoice): Promise<PreparedParts<P> | undefined>;
}

interface PreparedParts<P> {
  split: SplitOperation;
  primary: P;
  parts: ReadonlyMap<string, P>;
}

export interface DeferredOptions<P> {
  supergraph: LoadedSupergraph;
  planner: Planner;
  /** Makes of a part everything that is made once. */
  prepare: (part: Planned) => P;
}

/** The key holds an operation twice, and a plan for each of its parts is kept by it. */
const BOUNDS = { texts: 200, chars: 2_000_000, longestChars: Number.POSITIVE_INFINITY };
/** What is kept of an operation whose planner defers nothing. */
const WHOLE = "whole";
/** How long an operation that could not be planned in parts is not tried again; it is answered in one. */
const FAILED_MS = 30_000;

/** Plans operations with deferred parts, and keeps what is made of them. */
export function createDeferredOperations<P>({
  supergraph,
  planner,
  prepare,
}: DeferredOptions<P>): DeferredOperations<P> {
  const known = createTextMemory<Omit<PreparedParts<P>, "split"> | typeof WHOLE>(BOUNDS);
  const decided = (document: DocumentNode, variables: PlanChoice["variables"]): DecidedOperation => {
    const definition = operationIn(document);
    const fragments = fragmentsOf(document);
    const deciding = decidingVariables(definition, fragments);
    const decisions = Object.fromEntries(deciding.map((name) => [name, variables[name] === true]));
    return { definition, fragments, decisions, reserved: supergraph.reservedNames };
  };

  const plan = async (split: SplitOperation, text: string, choice: PlanChoice) => {
    const { labels, percentile, variables, limitKey } = choice;
    const request = { text, labels, percentile, limitKey, isDeferred: true };
    const { node, deferred } = await planner.planAsync(request);
    if (!deferred) return undefined;
    const parts = split.parts.map(({ id, document, path }) => {
      // A part without fetches of its own is there as soon as that around it is.
      const own = {
        operation: decided(document, variables),
        plan: { node: deferred.get(id) },
        fieldsToPart: path.length,
      };
      return [id, prepare(own)] as const;
    });
    return {
      primary: prepare({ operation: decided(split.primary, variables), plan: { node } }),
      parts: new Map(parts),
    };
  };

  /** @throws what kept the operation from being planned in parts; who is refused a turn may come again at once */
  const keepNew = async (key: string, make: () => ReturnType<typeof plan>) => {
    try {
      const made = (await make()) ?? WHOLE;
      known.set(key, made);
      return made;
    } catch (error) {
      if (!isPassing(error)) known.set(key, WHOLE, { ttl: FAILED_MS });
      throw error;
    }
  };

  return {
    partsOf: async (operation, choice) => {
      const split = splitDeferred(operation);
      if (!split) return undefined;
      const text = textOfOperation(decided(split.labelled, choice.variables), true);
      if (text === undefined) return undefined;
      const key = `${print(split.labelled)}\n${text}\n${[...choice.labels].join()} ${choice.percentile}`;
      const made = known.get(key) ?? (await keepNew(key, () => plan(split, text, choice)));
      return made === WHOLE ? undefined : { split, ...made };
    },
  };
}

function operationIn(document: DocumentNode): OperationDefinitionNode {
  const [definition] = document.definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error("a part without an operation");
  return definition;
}
