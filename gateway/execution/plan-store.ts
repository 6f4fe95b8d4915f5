import {
  operationFromDocument,
  type Operation as FederationOperation,
  type SelectionSet,
} from "@apollo/federation-internals";
import { buildOperationContext } from "@apollo/gateway";
import { QueryPlanner, type FetchNode, type PlanNode, type QueryPlan } from "@apollo/query-planner";
import { print, visit, type DocumentNode } from "graphql";
import { createTextMemory } from "../../lib/text-memory.ts";
import type { LoadedSupergraph } from "../supergraph.ts";
import type { Operation, PlanCacheFigures } from "./engine.ts";

/** What the planner made of an operation. */
export interface Planned {
  context: ReturnType<typeof buildOperationContext>;
  /** The operation as the planner and Apollo's executor see it. */
  operation: FederationOperation;
  /** For a query or mutation, the plan; for a subscription, what to do for each event. */
  plan: QueryPlan;
  /** The fetch that opens the subscription; absent for queries and mutations. */
  trigger?: FetchNode;
}

/** The subgraph name under which an event is put into the plan that completes it. */
export const EVENT_SOURCE = "@event";

/** Plans that are kept; beyond that the least recently used ones go. */
const CAPACITY = 1_000;

export type Plannable = Pick<Operation, "document" | "definition">;

/** Everything that is made once of an operation. */
export interface PlanStore<T> {
  get(operation: Plannable): T;
  /** The text of the operations in store, the most recently used last. */
  texts(): string[];
  figures(): PlanCacheFigures;
}

interface Entry<T> {
  text: string;
  /** Fields that are selected, with those of its fragments. */
  fields: number;
  made: T;
}

/** A field takes as much room in a plan as this many characters do in a document: up to 4 KB when it is compiled. */
const CHARS_PER_FIELD = 25;

/**
 * Plans operations, lets `finish` make more of each plan, and keeps that for `capacity` operations, fewer when they
 * are large.
 */
export function createPlanStore<T>(
  loaded: LoadedSupergraph,
  finish: (planned: Planned, operation: Plannable) => T,
  capacity = CAPACITY,
): PlanStore<T> {
  const planner = new QueryPlanner(loaded.supergraph);
  const entries = createTextMemory<Entry<T>>({
    texts: capacity,
    longestChars: Number.POSITIVE_INFINITY,
    charsOf: (key, { fields }) => key.length + fields * CHARS_PER_FIELD,
  });
  // Printing a document costs more than executing it. Others may keep it for long: it must not hold the plan.
  const keys = new WeakMap<DocumentNode, Map<string, string>>();
  let misses = 0;
  let lookUps = 0;

  const keyOf = ({ document, definition }: Plannable): string => {
    const name = definition.name?.value ?? "";
    const known = keys.get(document) ?? new Map<string, string>();
    const key = known.get(name);
    if (key !== undefined) return key;
    const made = `${name}\n${print(document)}`;
    keys.set(document, known.set(name, made));
    return made;
  };
  const plan = (operation: Plannable, key: string): Entry<T> => {
    misses += 1;
    const planned = planOperation(operation, loaded, planner);
    const text = key.slice(key.indexOf("\n") + 1);
    const fields = fieldsIn(planned.operation.selectionSet);
    const entry = { text, fields, made: finish(planned, operation) };
    entries.set(key, entry);
    return entry;
  };

  return {
    get: (operation) => {
      lookUps += 1;
      const key = keyOf(operation);
      return (entries.get(key) ?? plan(operation, key)).made;
    },
    texts: () => entries.values().map(({ text }) => text),
    figures: () => ({ size: entries.size(), capacity, hits: lookUps - misses, misses }),
  };
}

const fieldsIn = (set: SelectionSet): number =>
  set
    .selections()
    .reduce((sum, { selectionSet }) => sum + 1 + (selectionSet ? fieldsIn(selectionSet) : 0), 0);

function planOperation(
  { document: asSent, definition }: Plannable,
  loaded: LoadedSupergraph,
  planner: QueryPlanner,
): Planned {
  const operationName = definition.name?.value;
  const named = operationName === undefined ? {} : { operationName };
  // Those who take answers in one piece get what is deferred with the rest.
  const document = visit(asSent, { Directive: ({ name }) => (name.value === "defer" ? null : undefined) });
  const operation = operationFromDocument(loaded.federationApiSchema, document, named);
  const plan = planner.buildQueryPlan(operation);
  const context = buildOperationContext({ schema: loaded.apiSchema, operationDocument: document, ...named });
  if (plan.node?.kind !== "Subscription") return { context, operation, plan };
  const { primary, rest } = plan.node;
  return { context, operation, plan: eventPlan(primary, rest), trigger: primary };
}

/** The event takes the place of the primary fetch; what the planner wants after it stays as it is. */
function eventPlan(primary: FetchNode, rest: PlanNode | undefined): QueryPlan {
  const event: FetchNode = { ...primary, serviceName: EVENT_SOURCE };
  return { kind: "QueryPlan", node: rest ? { kind: "Sequence", nodes: [event, rest] } : event };
}
