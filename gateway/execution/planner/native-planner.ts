import type * as native from "@graphql-hive/router-query-planner";
import {
  sequenceOf,
  type EntityFetch,
  type EntityGroup,
  type Plan,
  type PlanNode,
  type PlanPath,
  type PlannedRequest,
  type RequiredSelection,
  type Rewrite,
  type RootFetch,
} from "../plan.ts";

/** A plan of Hive Router's planner in our terms. The trigger stands first in the plan of a subscription. */
export function planOf({ node }: native.QueryPlan): Plan {
  if (!node) return { node: undefined };
  const [first, ...rest] = node.kind === "Sequence" ? node.nodes : [node];
  if (first?.kind !== "Subscription") return { node: nodeOf(node, []) };
  return {
    trigger: rootFetch({ ...first.primary, kind: "Fetch" }),
    node: sequenceOf(rest.map((each) => nodeOf(each, []))),
  };
}

function nodeOf(node: native.PlanNode, path: PlanPath): PlanNode | undefined {
  if (node.kind === "Fetch") return node.requires ? entityFetch(node, node.requires, path) : rootFetch(node);
  if (node.kind === "BatchFetch") return batchFetch(node);
  if (node.kind === "Flatten") return nodeOf(node.node, [...path, ...pathOf(node.path)]);
  if (node.kind !== "Sequence" && node.kind !== "Parallel")
    throw new Error(`the plan has a node that is not expected: ${node.kind}`);
  const nodes = node.nodes.map((each) => nodeOf(each, path)).filter((each) => each !== undefined);
  return node.kind === "Sequence" ? sequenceOf(nodes) : { kind: "parallel", nodes };
}

const batchFetch = (node: native.BatchFetchNode): EntityFetch => ({
  kind: "entities",
  ...requestOf(node),
  groups: node.entityBatch.aliases.map((group) => ({
    alias: group.alias,
    variable: group.representationsVariableName,
    paths: group.paths.map(pathOf),
    ...changesOf(group),
  })),
});

const rootFetch = (node: native.FetchNode): RootFetch => ({
  kind: "fetch",
  ...requestOf(node),
  renames: (node.outputRewrites ?? []).map(rewriteOf),
});

const entityFetch = (
  node: native.FetchNode,
  requires: native.RequiresSelection[],
  path: PlanPath,
): EntityFetch => ({
  kind: "entities",
  ...requestOf(node),
  groups: [
    { alias: "_entities", variable: "representations", paths: [path], ...changesOf({ ...node, requires }) },
  ],
});

const requestOf = (node: native.FetchNode | native.BatchFetchNode): PlannedRequest => ({
  subgraph: node.serviceName,
  operation: node.operation,
  operationName: node.operationName,
  operationKind: node.operationKind ?? "query",
  variables: node.variableUsages ?? [],
});

const changesOf = ({
  requires,
  inputRewrites = [],
  outputRewrites = [],
}: Pick<native.EntityBatchAlias, "requires" | "inputRewrites" | "outputRewrites">): Pick<
  EntityGroup,
  "requires" | "inputRewrites" | "renames" | "contextArguments"
> => ({
  requires: requires.map(requiredOf),
  inputRewrites: inputRewrites.map(rewriteOf),
  renames: outputRewrites.map(rewriteOf),
  contextArguments: [],
});

function requiredOf(node: native.RequiresSelection): RequiredSelection {
  if (node.kind === "InlineFragment")
    return { kind: "fragment", type: node.typeCondition, selections: node.selections.map(requiredOf) };
  if (node.kind !== "Field")
    throw new Error(`the plan requires something that is not expected: ${node.kind}`);
  const { name, alias = name, selections } = node;
  const inside = selections?.length ? { selections: selections.map(requiredOf) } : {};
  return { kind: "field", key: name, sentAs: alias, ...inside };
}

const pathOf = (path: readonly native.FlattenNodePathSegment[]): PlanPath =>
  path.map((step) => {
    if (step === "@") return step;
    return "Field" in step ? step.Field : { types: step.TypeCondition };
  });

function rewriteOf(rewrite: native.InputRewrite): Rewrite {
  if ("KeyRenamer" in rewrite) {
    const { path, renameKeyTo } = rewrite.KeyRenamer;
    return { kind: "rename", ...placeOf(path), to: renameKeyTo };
  }
  const { path, setValueTo } = "ValueSetter" in rewrite ? rewrite.ValueSetter : rewrite;
  return { kind: "set", ...placeOf(path), value: setValueTo };
}

function placeOf(segments: readonly native.FetchNodePathSegment[]): { path: PlanPath; key: string } {
  const last = segments.at(-1);
  if (!last || !("Key" in last)) throw new Error("a rewrite of the plan ends with no key");
  const path = segments
    .slice(0, -1)
    .map((segment) => ("Key" in segment ? segment.Key : { types: segment.TypenameEquals }));
  return { path, key: last.Key };
}
