import type { ExplainedPlan } from "../execution/explanation.ts";

/** A plan for people: what is asked of whom, in which order, indented by what waits for what. */
export function planInWords(plan: ExplainedPlan | null, depth = 0): string {
  const indent = "  ".repeat(depth);
  if (plan === null) return `${indent}Nothing is fetched.`;
  if (plan.kind === "subscription")
    return `${planInWords(plan.trigger, depth)}\n${indent}for each event:\n${planInWords(plan.rest, depth + 1)}`;
  if ("nodes" in plan) {
    const title = plan.kind === "sequence" ? "one after the other:" : "at the same time:";
    return `${indent}${title}\n${plan.nodes.map((node) => planInWords(node, depth + 1)).join("\n")}`;
  }
  const places = plan.paths ? `, for the entities at ${plan.paths.join(", ")}` : "";
  const operation = plan.operation.trim().replaceAll("\n", `\n${indent}  `);
  return `${indent}${plan.subgraph}${places}\n${indent}  ${operation}`;
}
