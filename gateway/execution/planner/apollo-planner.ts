import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import * as apollo from "@apollo/query-planner";
import { parse } from "graphql";
import { linkedFeatures } from "../../../lib/linked-features.ts";
import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import { isFollowed } from "../../supergraph/overrides.ts";
import { resolvableKeysFirst } from "./resolvable-keys-first.ts";
import {
  sequenceOf,
  type ContextArgument,
  type Plan,
  type PlanNode,
  type PlanPath,
  type Planner,
  type PlanRequest,
  type RequiredSelection,
  type Rewrite,
  type RootFetch,
} from "../plan.ts";

/**
 * Plans that are compared for one operation. The planner's own 10,000 can hold the event loop for ten minutes, where types
 * and subgraphs are many; any of them is right, and which is best matters less than that others get their answers.
 */
const MOST_COMPARED = 32;

/**
 * Apollo's planner: JavaScript, on the event loop.
 *
 * @throws Error when it cannot read the supergraph
 */
export function createApolloPlanner({
  document,
  overrides,
}: Pick<LoadedSupergraph, "document" | "overrides">): Planner {
  // What the gateway enforces by itself it has looked at already; a planner need not know it.
  const linked = linkedFeatures(document).map(({ url }) => url);
  const supergraph = Supergraph.build(resolvableKeysFirst(document), { supportedFeatures: new Set(linked) });
  const apiSchema = supergraph.apiSchema();
  const planners = new Map<boolean, apollo.QueryPlanner>();
  const plannerFor = (enableDefer: boolean): apollo.QueryPlanner => {
    const planner =
      planners.get(enableDefer) ??
      new apollo.QueryPlanner(supergraph, {
        incrementalDelivery: { enableDefer },
        debug: { maxEvaluatedPlans: MOST_COMPARED },
      });
    planners.set(enableDefer, planner);
    return planner;
  };
  const plan = ({ text, isDeferred = false, ...request }: PlanRequest): Plan => {
    const { node } = plannerFor(isDeferred).buildQueryPlan(operationFromDocument(apiSchema, parse(text)), {
      overrideConditions: new Map(
        overrides.map((override) => [override.label, isFollowed(override, request)]),
      ),
    });
    return planOf(node);
  };
  return { name: "apollo", plan, planAsync: async (request) => plan(request) };
}

function planOf(node: apollo.QueryPlan["node"]): Plan {
  if (!node) return { node: undefined };
  if (node.kind === "Subscription")
    return { trigger: rootFetch(node.primary), node: node.rest && nodeOf(node.rest, []) };
  if (node.kind !== "Defer") return { node: nodeOf(node, []) };
  const deferred = new Map<string, PlanNode | undefined>();
  return { node: primaryOf(node, deferred, new Set()), deferred };
}

/** What is not deferred at this level; the parts below it are added to `deferred`. */
function primaryOf(
  { primary, deferred: parts }: apollo.PlanNode & { kind: "Defer" },
  deferred: Map<string, PlanNode | undefined>,
  around: ReadonlySet<string>,
): PlanNode | undefined {
  for (const { label = "", node, depends } of parts) {
    // What a part waits for has to be there when that around it is.
    const isReady = depends.every(({ deferLabel }) => deferLabel === undefined || around.has(deferLabel));
    if (!isReady) throw new Error("a deferred part that waits for another beside it");
    // What is around a part stands before it.
    deferred.set(label, undefined);
    const isSplit = node?.kind === "Defer";
    const own = isSplit ? primaryOf(node, deferred, new Set([...around, label])) : node && nodeOf(node, []);
    deferred.set(label, own);
  }
  return primary.node && nodeOf(primary.node, []);
}

function nodeOf(node: apollo.PlanNode, path: PlanPath): PlanNode | undefined {
  if (node.kind === "Fetch") return node.requires ? entityFetch(node, node.requires, path) : rootFetch(node);
  if (node.kind === "Flatten") return nodeOf(node.node, [...path, ...node.path.map(String)]);
  if (node.kind !== "Sequence" && node.kind !== "Parallel")
    throw new Error(`the plan has a node that is not expected: ${node.kind}`);
  const nodes = node.nodes.map((each) => nodeOf(each, path)).filter((each) => each !== undefined);
  return node.kind === "Sequence" ? sequenceOf(nodes) : { kind: "parallel", nodes };
}

const requestOf = (node: apollo.FetchNode) => ({
  subgraph: node.serviceName,
  operation: node.operation,
  operationName: node.operationName,
  operationKind: node.operationKind,
  variables: node.variableUsages ?? [],
});

const rootFetch = (node: apollo.FetchNode): RootFetch => ({
  kind: "fetch",
  ...requestOf(node),
  renames: (node.outputRewrites ?? []).map(rewriteOf),
});

const entityFetch = (
  node: apollo.FetchNode,
  requires: apollo.QueryPlanSelectionNode[],
  path: PlanPath,
): PlanNode => ({
  kind: "entities",
  ...requestOf(node),
  groups: [
    {
      alias: "_entities",
      variable: "representations",
      paths: [path],
      requires: requires.map(requiredOf),
      inputRewrites: (node.inputRewrites ?? []).map(rewriteOf),
      renames: (node.outputRewrites ?? []).map(rewriteOf),
      contextArguments: (node.contextRewrites ?? []).map(contextArgument),
    },
  ],
});

function requiredOf(node: apollo.QueryPlanSelectionNode): RequiredSelection {
  if (node.kind === "Field") {
    const key = node.alias ?? node.name;
    const inside = node.selections?.length ? { selections: node.selections.map(requiredOf) } : {};
    return { kind: "field", key, sentAs: key, ...inside };
  }
  const selections = node.selections.map(requiredOf);
  if (node.typeCondition === undefined) throw new Error("a required fragment without a type");
  return { kind: "fragment", type: node.typeCondition, selections };
}

const FRAGMENT = "... on ";

const stepsOf = (path: readonly string[]): PlanPath =>
  path.map((step) => (step.startsWith(FRAGMENT) ? { types: [step.slice(FRAGMENT.length)] } : step));

function rewriteOf(rewrite: apollo.FetchDataRewrite): Rewrite {
  const path = stepsOf(rewrite.path.slice(0, -1));
  const key = rewrite.path.at(-1) ?? "";
  return rewrite.kind === "KeyRenamer"
    ? { kind: "rename", path, key, to: rewrite.renameKeyTo }
    : { kind: "set", path, key, value: rewrite.setValueTo };
}

/** The path begins with one `..` for each field to go up. */
function contextArgument({ path, renameKeyTo }: apollo.FetchDataKeyRenamer): ContextArgument {
  const up = path.filter((step) => step === "..").length;
  return { up, path: stepsOf(path.slice(up)), variable: renameKeyTo };
}
