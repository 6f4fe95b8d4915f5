import { operationFromDocument } from "@apollo/federation-internals";
import { buildOperationContext } from "@apollo/gateway";
import { QueryPlanner, type PlanNode, type QueryPlan } from "@apollo/query-planner";
import { Kind, type DocumentNode, type OperationDefinitionNode } from "graphql";
import type { LoadedSupergraph } from "../../supergraph.ts";
import type { Planned, Plannable } from "../plan-store.ts";
import type { DeferredPart, SplitOperation } from "./split-deferred.ts";

/** An operation and its plan. */
export interface PlannedPart {
  planned: Planned;
  operation: Plannable;
}

export interface DeferredPlans {
  primary: PlannedPart;
  /** Each plan begins with the fetches of what the part depends on, in the same order as there. */
  parts: readonly { part: DeferredPart; plan: PlannedPart }[];
}

export type PlanDeferred = (
  split: SplitOperation,
  definition: OperationDefinitionNode,
) => DeferredPlans | undefined;

/** Plans operations with deferred parts; undefined for plans whose parts cannot be told apart. */
export function createDeferredPlanner(loaded: LoadedSupergraph): PlanDeferred {
  const planner = new QueryPlanner(loaded.supergraph, { incrementalDelivery: { enableDefer: true } });
  return ({ labelled, primary, parts }, { name }) => {
    const named = name ? { operationName: name.value } : {};
    const { node } = planner.buildQueryPlan(
      operationFromDocument(loaded.federationApiSchema, labelled, named),
    );
    if (node?.kind !== "Defer") return undefined;
    const steps = new Map<string, PlanNode[]>();
    const first = collect(node, { before: [], known: new Set(), steps });
    if (!first || parts.some(({ id }) => !steps.has(id))) return undefined;
    const planOf = (document: DocumentNode, nodes: readonly PlanNode[]): PlannedPart => ({
      planned: planned(loaded, document, nodes),
      operation: { document, definition: operationIn(document) },
    });
    return {
      primary: planOf(primary, first),
      parts: parts.map((part) => ({ part, plan: planOf(part.document, steps.get(part.id) ?? []) })),
    };
  };
}

interface Collecting {
  /** What has been fetched by then. */
  before: readonly PlanNode[];
  /** The deferred parts that it lies in. */
  known: ReadonlySet<string>;
  /** The nodes of each deferred part with all that comes before it; filled on the way. */
  steps: Map<string, PlanNode[]>;
}

/** The nodes of what is not deferred at this level; undefined for plans of another make. */
function collect(node: PlanNode, { before, known, steps }: Collecting): PlanNode[] | undefined {
  if (node.kind !== "Defer") return containsDefer(node) ? undefined : [...before, node];
  const { primary } = node;
  if (primary.node && containsDefer(primary.node)) return undefined;
  const own = primary.node ? [...before, primary.node] : [...before];
  for (const { label = "", node: later, depends } of node.deferred) {
    const isReady = depends.every(({ deferLabel }) => deferLabel === undefined || known.has(deferLabel));
    const nested = { before: own, known: new Set([...known, label]), steps };
    const nodes = later ? collect(later, nested) : own;
    if (!isReady || !nodes) return undefined;
    steps.set(label, nodes);
  }
  return own;
}

const containsDefer = (node: PlanNode): boolean => JSON.stringify(node).includes('"kind":"Defer"');

/** Nodes are copied, because each plan marks its own. */
function planned(loaded: LoadedSupergraph, document: DocumentNode, nodes: readonly PlanNode[]): Planned {
  const { name } = operationIn(document);
  const named = name ? { operationName: name.value } : {};
  const own = structuredClone([...nodes]);
  const [only] = own;
  const plan: QueryPlan = {
    kind: "QueryPlan",
    ...(only && { node: own.length === 1 ? only : { kind: "Sequence", nodes: own } }),
  };
  return {
    operation: operationFromDocument(loaded.federationApiSchema, document, named),
    context: buildOperationContext({ schema: loaded.apiSchema, operationDocument: document, ...named }),
    plan,
  };
}

function operationIn(document: DocumentNode): OperationDefinitionNode {
  const [definition] = document.definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error("a part without an operation");
  return definition;
}
