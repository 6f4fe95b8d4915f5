import { print, type DocumentNode } from "graphql";
import { LRUCache } from "lru-cache";
import { isPassing } from "../../lib/errors.ts";
import { createTextMemory } from "../../lib/text-memory.ts";
import type { ReservedNames } from "../supergraph/joins.ts";
import type { LoadedSupergraph } from "../supergraph/supergraph.ts";
import { decidingVariables, fragmentsOf, textOfOperation, type DecidedOperation } from "./decided.ts";
import type { Operation, PlanCacheFigures } from "./engine.ts";
import type { JsonObject } from "./json.ts";
import { isFollowed, type OverrideChoice } from "../supergraph/overrides.ts";
import type { Plan, Planner, PlanRequest } from "./plan.ts";

/** What the planner made of an operation. */
export interface Planned {
  operation: DecidedOperation;
  plan: Plan;
  /** For a deferred part, how many fields lead to it. */
  fieldsToPart?: number;
}

/** Plans that are kept; beyond that the least recently used ones go. */
const CAPACITY = 1_000;

export type Plannable = Pick<Operation, "document" | "definition">;

/** Which of the plans of an operation a request gets. */
export interface PlanChoice extends OverrideChoice {
  /** Coerced variables: those in `@include` and `@skip` decide. */
  variables: JsonObject;
  /** Who has it planned, if it has to be; nobody for what the gateway plans by itself. */
  limitKey?: string | undefined;
}

/** Everything that is made once of an operation. */
export interface PlanStore<T> {
  /** Plans away from the event loop. */
  get(operation: Plannable, choice: PlanChoice): T | Promise<T>;
  /** What is planned already; plans on the event loop what has been forgotten since. */
  getNow(operation: Plannable, choice: PlanChoice): T;
  /** The text of the operations in store, the most recently used last. */
  texts(): string[];
  figures(): PlanCacheFigures;
}

export interface PlanStoreOptions<T> {
  supergraph: LoadedSupergraph;
  planner: Planner;
  finish: (planned: Planned, operation: Plannable) => T;
  capacity?: number | undefined;
}

interface Entry<T> {
  text: string;
  made: T;
}

/** How long an operation that no planner could plan is not tried again: failing takes longer than planning. */
const FAILED_MS = 30_000;
const FAILED_CHARS = 1_000_000;

/** What is known of a document's operation without planning it. */
interface Known {
  /** Its name. */
  name: string;
  text: string;
  fragments: DecidedOperation["fragments"];
  deciding: readonly string[];
  /** The key of its plan, where all requests get the same one. */
  keyOfAll: string | undefined;
}

/** A plan takes as much room as this many of a document's characters for each of its own. */
const CHARS_PER_CHAR = 3;

const BOUNDS = {
  longestChars: Number.POSITIVE_INFINITY,
  charsOf: (key: string) => key.length * CHARS_PER_CHAR,
};

/**
 * Plans operations, lets `finish` make more of each plan, and keeps that for `capacity` operations, fewer when they
 * are large. What `@include` and `@skip` leave to variables is planned for each of their values that comes, and so is
 * what overrides leave to labels.
 */
export function createPlanStore<T>(options: PlanStoreOptions<T>): PlanStore<T> {
  const { supergraph, planner, finish, capacity = CAPACITY } = options;
  const entries = createTextMemory<Entry<T>>({ ...BOUNDS, texts: capacity });
  const underWay = new Map<string, Promise<T>>();
  const failures = createFailures();
  let misses = 0;
  let lookUps = 0;

  const knownOf = onceForEach((operation) => lookAt(operation, supergraph.overrides));
  const keep = (operation: Plannable, { key, known, decided }: Looked, plan: Plan): T => {
    const made = finish({ operation: decided(), plan }, operation);
    entries.set(key, { text: known.text, made });
    return made;
  };
  const look = (operation: Plannable, choice: PlanChoice): Looked => {
    lookUps += 1;
    const known = knownOf(operation);
    return {
      known,
      key: known.keyOfAll ?? keyOf(known, choice, supergraph.overrides),
      decided: () => decide(operation.definition, known, { choice, reserved: supergraph.reservedNames }),
    };
  };
  const planNew = async (operation: Plannable, looked: Looked, choice: PlanChoice): Promise<T> => {
    const text = textOfOperation(looked.decided());
    return keep(operation, looked, text ? await planner.planAsync(requestOf(text, choice)) : NOTHING);
  };

  return {
    get: (operation, choice) => {
      const looked = look(operation, choice);
      const { key } = looked;
      const there = entries.get(key)?.made ?? underWay.get(key);
      if (there) return there;
      misses += 1;
      const failure = failures.known(key);
      if (failure) return Promise.reject(failure);
      const making = planNew(operation, looked, choice)
        .catch((error: unknown) => failures.note(key, error))
        .finally(() => underWay.delete(key));
      underWay.set(key, making);
      return making;
    },
    getNow: (operation, choice) => {
      const looked = look(operation, choice);
      const there = entries.get(looked.key);
      if (there) return there.made;
      misses += 1;
      // What no planner could with all its time none can at once.
      const failure = failures.known(looked.key);
      if (failure) throw failure;
      try {
        const text = textOfOperation(looked.decided());
        return keep(operation, looked, text ? planner.plan(requestOf(text, choice)) : NOTHING);
      } catch (error) {
        return failures.note(looked.key, error);
      }
    },
    texts: () => [...new Set([...entries.rvalues()].flatMap((entry) => entry?.text ?? []))],
    figures: () => ({ size: entries.size, capacity, hits: lookUps - misses, misses }),
  };
}

/** Operations that no planner could plan, by what their plans depend on. */
function createFailures() {
  const failed = new LRUCache<string, Error>({
    ttl: FAILED_MS,
    maxSize: FAILED_CHARS,
    sizeCalculation: (_, key) => key.length,
  });
  return {
    known: (key: string) => failed.get(key),
    /** Notes a failure of the planner itself, and throws it; who is refused a turn may come again. */
    note: (key: string, error: unknown): never => {
      if (error instanceof Error && !isPassing(error)) failed.set(key, error);
      throw error;
    },
  };
}

const NOTHING: Plan = { node: undefined };

const requestOf = (text: string, { labels, percentile, limitKey }: PlanChoice): PlanRequest => ({
  text,
  labels,
  percentile,
  limitKey,
});

interface Looked {
  known: Known;
  key: string;
  decided: () => DecidedOperation;
}

/** Looks at each operation of a document once. Others may keep a document for long: it must not hold the plan. */
function onceForEach(look: (operation: Plannable) => Known): (operation: Plannable) => Known {
  const documents = new WeakMap<DocumentNode, Map<string, Known>>();
  return ({ document, definition }) => {
    const name = definition.name?.value ?? "";
    const inDocument = documents.get(document);
    const there = inDocument?.get(name);
    if (there) return there;
    const known = look({ document, definition });
    documents.set(document, (inDocument ?? new Map<string, Known>()).set(name, known));
    return known;
  };
}

function lookAt({ document, definition }: Plannable, overrides: LoadedSupergraph["overrides"]): Known {
  const fragments = fragmentsOf(document);
  const text = document.loc?.source.body ?? print(document);
  const name = definition.name?.value ?? "";
  const known = { name, text, fragments, deciding: decidingVariables(definition, fragments) };
  const isAlike = known.deciding.length === 0 && overrides.length === 0;
  return { ...known, keyOfAll: isAlike ? keyOf(known, FOR_ALL, overrides) : undefined };
}

/** For operations that leave nothing to it. */
const FOR_ALL: PlanChoice = { variables: {}, labels: new Set(), percentile: 0 };

/** Everything that a plan depends on. */
function keyOf(
  { name, text, deciding }: Omit<Known, "keyOfAll">,
  choice: PlanChoice,
  overrides: LoadedSupergraph["overrides"],
): string {
  const decided = deciding.map((variable) => Number(choice.variables[variable] === true)).join("");
  const followed = overrides.map((override) => Number(isFollowed(override, choice))).join("");
  return `${decided} ${followed} ${name}\n${text}`;
}

function decide(
  definition: DecidedOperation["definition"],
  { fragments, deciding }: Known,
  { choice, reserved }: { choice: PlanChoice; reserved: ReservedNames },
): DecidedOperation {
  const decisions = Object.fromEntries(deciding.map((name) => [name, choice.variables[name] === true]));
  return { definition, fragments, decisions, reserved };
}
