import type { FetchNode, PlanNode, QueryPlan } from "@apollo/query-planner";
import type { GraphQLSchema } from "graphql";
import { compileFetch } from "./fetch.ts";
import { NotCompilable } from "./not-compilable.ts";
import { fetchesOf, type PlacedFetch } from "./placed-fetches.ts";
import type { Step } from "./run.ts";

type Path = readonly (string | number)[];

/**
 * Turns a plan into a function that fetches and merges everything it asks for.
 *
 * @throws NotCompilable naming what stays with Apollo's executor
 */
export function compilePlan({ node }: QueryPlan, supergraphSchema: GraphQLSchema): Step {
  if (!node) return (run) => void (run.data = {});
  if (node.kind === "Subscription") throw new NotCompilable("a subscription");
  const fetches = fetchesOf(node);
  const first = node.kind === "Sequence" ? node.nodes[0] : undefined;
  const byNode = new Map(fetches.map((fetch) => [fetch.node, fetch]));
  return compileNode(node, (fetch) => {
    const placed = byNode.get(fetch);
    if (!placed) throw new NotCompilable("a fetch in two places");
    return compileFetch(placed, {
      supergraphSchema,
      isTouchedLater: isTouchedByOthers(placed, { fetches, first }),
    });
  });
}

function compileNode(node: PlanNode, compile: (fetch: FetchNode) => Step): Step {
  switch (node.kind) {
    case "Fetch":
      return compile(node);
    case "Flatten":
      return compileNode(node.node, compile);
    case "Sequence":
      return sequence(node.nodes.map((child) => compileNode(child, compile)));
    case "Parallel": {
      const steps = node.nodes.map((child) => compileNode(child, compile));
      return async (run) => {
        await Promise.all(steps.map(async (step) => step(run)));
      };
    }
    case "Condition": {
      const { condition, ifClause, elseClause } = node;
      const [whenTrue, whenFalse] = [ifClause, elseClause].map(
        (clause) => clause && compileNode(clause, compile),
      );
      return async (run) => {
        const value = run.variables[condition];
        if (typeof value === "boolean") await (value ? whenTrue : whenFalse)?.(run);
        else run.isIrregular = true;
      };
    }
    case "Defer":
      throw new NotCompilable("@defer");
    default:
      throw new NotCompilable("an unknown plan node");
  }
}

const sequence =
  (steps: readonly Step[]): Step =>
  async (run) => {
    for (const step of steps) {
      if (run.isIrregular) return;
      await step(run);
    }
  };

/**
 * Whether another fetch may write into the objects that this one brings: one at, above or below its place,
 * unless that one is the first of all and done by then.
 */
const isTouchedByOthers = (
  fetch: PlacedFetch,
  { fetches, first }: { fetches: readonly PlacedFetch[]; first: PlanNode | undefined },
) =>
  fetches.some(
    (other) =>
      other !== fetch &&
      other.node !== first &&
      (startsWith(other.path, fetch.path) || startsWith(fetch.path, other.path)),
  );

const startsWith = (path: Path, prefix: Path) => prefix.every((element, index) => path[index] === element);
