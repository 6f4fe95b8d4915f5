import type { OperationDefinitionNode } from "graphql";
import type { Registry } from "prom-client";
import { hotHistogram } from "../../../lib/hot-metrics.ts";
import type { Operation } from "../../execution/engine.ts";
import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import { operationCost, type CostModel } from "./operation-cost.ts";
import { valueOf, type Term } from "./term.ts";
import { costDirectives } from "./weights.ts";

/** What operations cost in one supergraph. */
export interface CostMeter {
  /** Looks at an operation once; after that only what depends on its variables is computed. */
  costOf(operation: Operation, supergraph: LoadedSupergraph): number;
}

export function createCostMeter(defaultListSize: number, registry: Registry): CostMeter {
  const costs = hotHistogram({
    name: "gateway_operation_cost",
    help: "Estimated cost of operations, before they run",
    labelNames: [],
    buckets: [1, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000],
    registry,
  })({});
  const models = new WeakMap<LoadedSupergraph, CostModel>();
  const terms = new WeakMap<OperationDefinitionNode, { supergraph: LoadedSupergraph; term: Term }>();

  const modelOf = (supergraph: LoadedSupergraph): CostModel => {
    const known = models.get(supergraph);
    if (known) return known;
    const { document, apiSchema: schema } = supergraph;
    const model = { ...costDirectives(document), schema, defaultListSize };
    models.set(supergraph, model);
    return model;
  };
  const termOf = ({ document, definition }: Operation, supergraph: LoadedSupergraph): Term => {
    const known = terms.get(definition);
    if (known?.supergraph === supergraph) return known.term;
    const term = operationCost(document, definition, modelOf(supergraph));
    terms.set(definition, { supergraph, term });
    return term;
  };
  return {
    costOf: (operation, supergraph) => {
      const cost = valueOf(termOf(operation, supergraph), operation.variables);
      costs.observe(cost);
      return cost;
    },
  };
}
