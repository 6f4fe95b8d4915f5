import type { DocumentNode, ExecutionResult, OperationDefinitionNode } from "graphql";
import type { Caller, GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import type { LoadedSupergraph } from "../supergraph.ts";

/** An operation that has been parsed, validated against the API schema and authorised. */
export interface Operation {
  document: DocumentNode;
  definition: OperationDefinitionNode;
  /** Raw variables as the client sent them. */
  variables: Readonly<Record<string, unknown>>;
}

/** Runs operations of one supergraph. The rest of the gateway knows nothing of plans. */
export interface ExecutionEngine {
  /** Runs a query or mutation; never rejects for errors of the request or of a subgraph. */
  execute(operation: Operation, caller: Caller): Promise<ExecutionResult>;
  /** Runs a subscription: one complete result per event of its source. */
  subscribe(operation: Operation, caller: Caller): AsyncIterableIterator<ExecutionResult>;
}

export interface EngineDependencies {
  supergraph: LoadedSupergraph;
  /** The endpoint of a subgraph by its name in the supergraph. */
  endpointOf: (name: string) => GraphQLEndpoint;
}
