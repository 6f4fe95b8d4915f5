import type { FetchNode, PlanNode } from "@apollo/query-planner";

/** A fetch of a plan with the place that it fills and its number, counted in the order of the plan. */
export interface PlacedFetch {
  node: FetchNode;
  path: readonly (string | number)[];
  index: number;
}

/** All fetches of a plan. */
export function fetchesOf(root: PlanNode): PlacedFetch[] {
  const found: PlacedFetch[] = [];
  const visit = (node: PlanNode | undefined, path: PlacedFetch["path"]): void => {
    if (!node) return;
    switch (node.kind) {
      case "Fetch":
        found.push({ node, path, index: found.length });
        break;
      case "Flatten":
        visit(node.node, [...path, ...node.path]);
        break;
      case "Sequence":
      case "Parallel":
        for (const child of node.nodes) visit(child, path);
        break;
      case "Condition":
        visit(node.ifClause, path);
        visit(node.elseClause, path);
        break;
      case "Defer":
        visit(node.primary.node, path);
        for (const deferred of node.deferred) visit(deferred.node, path);
        break;
    }
  };
  visit(root, []);
  return found;
}
