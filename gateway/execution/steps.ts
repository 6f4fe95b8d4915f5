import type { IsOfType } from "../supergraph/joins.ts";
import { entityStep } from "./entity-fetch.ts";
import type { EntityJoins } from "./entity-groups.ts";
import { fetchesOf, type PlanNode, type RootFetch } from "./plan.ts";
import { keysIn, lazily, receiveRoot } from "./receive.ts";
import { ask, compileRequest } from "./request.ts";
import type { Step } from "./run.ts";

/** Turns a plan into a function that fetches and merges everything that it asks for. */
export function compileSteps(node: PlanNode | undefined, joins: EntityJoins): Step {
  if (!node) return async () => {};
  const fetches = fetchesOf(node);
  const compile = (each: PlanNode): Step => {
    if (each.kind === "fetch") return rootStep(each, joins.isOfType);
    if (each.kind === "entities") return entityStep(each, { fetches, joins });
    const steps = each.nodes.map(compile);
    return each.kind === "parallel" ? atOnce(steps) : inTurn(steps);
  };
  return compile(node);
}

const atOnce =
  (steps: readonly Step[]): Step =>
  async (run) => {
    await Promise.all(steps.map((step) => step(run)));
  };

const inTurn =
  (steps: readonly Step[]): Step =>
  async (run) => {
    for (const step of steps) await step(run);
  };

function rootStep(node: RootFetch, isOfType: IsOfType): Step {
  const { subgraph, renames } = node;
  const request = compileRequest(node);
  const keys = lazily(() => keysIn(node.operation));
  return async (run) => {
    try {
      receiveRoot(run, await ask(run, request), { subgraph, keys, renames, isOfType });
    } catch (failure) {
      run.faults.miss(run.faults.outage(subgraph, failure), run.data, keys());
    }
  };
}
