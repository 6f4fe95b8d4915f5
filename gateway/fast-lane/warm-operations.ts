import type { ApolloServerPlugin } from "@apollo/server";
import { OperationTypeNode } from "graphql";
import type { Requirement } from "../../lib/authorization.ts";
import { requirementsIn } from "../operation/authorise.ts";
import type { GatewayContext } from "../context.ts";
import type { Plannable } from "../execution/plan-store.ts";
import type { Generations } from "../generations.ts";
import type { DocumentTrust } from "../limits/document-trust.ts";
import { createTextMemory } from "../../lib/text-memory.ts";

/** An operation that has been through everything that looks at documents. */
export interface WarmOperation extends Plannable {
  /** What its fields ask of their caller. */
  requirements: readonly Requirement[];
  /** Whether it is one of our own clients'. */
  isTrusted: boolean;
}

export interface WarmOperations {
  find(query: string, operationName: string | undefined): WarmOperation | undefined;
  /** Learns from each request that Apollo Server lets execute. */
  plugin: ApolloServerPlugin<GatewayContext>;
}

/** The longest text that is remembered; the rest takes the long way. */
const MAX_QUERY_CHARS = 50_000;

/** Remembers operations by their text, for as long as the supergraph stays. */
export function createWarmOperations(generations: Generations, trust: DocumentTrust): WarmOperations {
  const known = createTextMemory<WarmOperation>({ longestChars: MAX_QUERY_CHARS });
  generations.onChange(() => known.clear());

  return {
    find: (query, operationName) => known.get(keyOf(query, operationName)),
    plugin: {
      async requestDidStart() {
        const { supergraph } = generations.current();
        return {
          // Not earlier: by now nobody has refused it.
          async executionDidStart({ request, source, document, operation }) {
            const isLearnable = operation && operation.operation !== OperationTypeNode.SUBSCRIPTION;
            if (!isLearnable || request.query === undefined) return;
            if (generations.current().supergraph !== supergraph) return;
            const requirements = requirementsIn(document, supergraph);
            const isTrusted = trust.isTrusted(source);
            const learned = { document, definition: operation, requirements, isTrusted };
            known.set(keyOf(source, request.operationName), learned);
          },
        };
      },
    },
  };
}

const keyOf = (query: string, operationName: string | undefined) => `${operationName ?? ""}\n${query}`;
