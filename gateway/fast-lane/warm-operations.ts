import type { ApolloServerPlugin } from "@apollo/server";
import { OperationTypeNode } from "graphql";
import type { Requirement } from "../../lib/authorization.ts";
import { requirementsIn } from "../authorize-operation.ts";
import type { GatewayContext } from "../context.ts";
import type { Plannable } from "../execution/plan-store.ts";
import type { Generations } from "../generations.ts";

/** An operation that has been through everything that looks at documents. */
export interface WarmOperation extends Plannable {
  /** What its fields ask of their caller. */
  requirements: readonly Requirement[];
}

export interface WarmOperations {
  find(query: string, operationName: string | undefined): WarmOperation | undefined;
  /** Learns from each request that Apollo Server lets execute. */
  plugin: ApolloServerPlugin<GatewayContext>;
}

/** Operations that are remembered, and the longest text among them; the rest takes the long way. */
const CAPACITY = 1_000;
const MAX_QUERY_CHARS = 50_000;

/** Remembers operations by their text, for as long as the supergraph stays. */
export function createWarmOperations(generations: Generations): WarmOperations {
  const known = new Map<string, WarmOperation>();
  generations.onChange(() => known.clear());

  const learn = (key: string, operation: WarmOperation) => {
    if (known.size >= CAPACITY) known.delete(known.keys().next().value ?? "");
    known.set(key, operation);
  };

  return {
    find: (query, operationName) => known.get(keyOf(query, operationName)),
    plugin: {
      async requestDidStart() {
        const { supergraph } = generations.current();
        return {
          // Not earlier: by now nobody has refused it.
          async executionDidStart({ request, source, document, operation }) {
            const isLearnable = operation && operation.operation !== OperationTypeNode.SUBSCRIPTION;
            if (!isLearnable || request.query === undefined || source.length > MAX_QUERY_CHARS) return;
            if (generations.current().supergraph !== supergraph) return;
            const requirements = requirementsIn(document, supergraph);
            learn(keyOf(source, request.operationName), { document, definition: operation, requirements });
          },
        };
      },
    },
  };
}

const keyOf = (query: string, operationName: string | undefined) => `${operationName ?? ""}\n${query}`;
