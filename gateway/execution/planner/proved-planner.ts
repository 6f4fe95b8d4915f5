import { linkedFeatures } from "../../../lib/linked-features.ts";
import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import type { Plan, Planner, PlanRequest } from "../plan.ts";
import { expanded } from "./expanded.ts";
import { PlannerEnded } from "./planner-process.ts";
import type { FindGap } from "./proof/prove-plan.ts";

/** Supergraphs of federation 1 do not say what each subgraph has, so nothing can be proved of their plans. */
const UNPROVABLE = "https://specs.apollo.dev/join/v0.1";

/** Makes a planner one that gives no plan that is not proved: it is asked in another form, and fails then. */
export function createProving(supergraph: LoadedSupergraph, gapIn: FindGap): (planner: Planner) => Planner {
  const isProvable = !linkedFeatures(supergraph.document).some(({ url }) => url === UNPROVABLE);
  const proved = (request: PlanRequest, plan: Plan): Plan => {
    const gap = isProvable ? gapIn(request, plan) : undefined;
    if (gap !== undefined) throw new Error(gap);
    return plan;
  };
  function* formsOf(request: PlanRequest): Generator<PlanRequest> {
    yield request;
    if (request.isDeferred !== true) yield { ...request, text: expanded(supergraph.apiSchema, request.text) };
  }
  return ({ name, plan, planAsync }) => ({
    name,
    plan: (request) => {
      let problem: unknown;
      for (const form of formsOf(request))
        try {
          return proved(request, plan(form));
        } catch (error) {
          if (error instanceof PlannerEnded) throw error;
          problem ??= error;
        }
      throw problem;
    },
    planAsync: async (request) => {
      let problem: unknown;
      for (const form of formsOf(request))
        try {
          return proved(request, await planAsync(form));
        } catch (error) {
          if (error instanceof PlannerEnded) throw error;
          problem ??= error;
        }
      throw problem;
    },
  });
}
