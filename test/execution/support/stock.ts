import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import {
  buildOperationContext,
  executeQueryPlan,
  type GraphQLDataSource,
  type ServiceMap,
} from "@apollo/gateway";
import { QueryPlanner } from "@apollo/query-planner";
import { GraphQLError, type ExecutionResult } from "graphql";
import type { Operation } from "../../../gateway/execution/engine.ts";
import type { LoadedSupergraph } from "../../../gateway/supergraph/supergraph.ts";
import { isCodedError } from "../../../lib/errors.ts";
import type { Caller, GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { codedExtensions } from "../../../lib/graphql-errors.ts";
import { linkedFeatures } from "../../../lib/linked-features.ts";

type RequestContext = Parameters<typeof executeQueryPlan>[2];
type Execute = (operation: Operation, caller: Caller) => Promise<ExecutionResult>;

/** Plans and executes with what Apollo Gateway is made of: a reference for healthy subgraphs. */
export function createStock(
  { sdl, document: whole, apiSchema, subgraphs }: LoadedSupergraph,
  endpointOf: (name: string) => GraphQLEndpoint,
): Execute {
  const supergraph = Supergraph.build(sdl, {
    supportedFeatures: new Set(linkedFeatures(whole).map(({ url }) => url)),
  });
  const federationApiSchema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph);
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  return async ({ document, definition, variables }, caller) => {
    const named = definition.name ? { operationName: definition.name.value } : {};
    const plan = planner.buildQueryPlan(operationFromDocument(federationApiSchema, document, named));
    const context = buildOperationContext({ schema: apiSchema, operationDocument: document, ...named });
    const services: ServiceMap = Object.fromEntries(
      subgraphs.map(({ name }) => [name, sourceOf(endpointOf(name), caller)]),
    );
    const partial = { request: { variables }, context: {}, metrics: {}, operation: context.operation };
    return (await executeQueryPlan(
      plan,
      services,
      partial as unknown as RequestContext,
      context,
      supergraphSchema,
      federationApiSchema,
    )) as ExecutionResult;
  };
}

function sourceOf(endpoint: GraphQLEndpoint, caller: Caller): GraphQLDataSource {
  return {
    async process({ request: { query = "", variables, operationName } }) {
      const result = await endpoint
        .execute({ query, variables, operationName, caller })
        .catch((error: unknown) => ({ errors: [asFetchError(error)] }));
      return result as Awaited<ReturnType<GraphQLDataSource["process"]>>;
    },
  };
}

function asFetchError(error: unknown): GraphQLError {
  if (!isCodedError(error)) return new GraphQLError("A subgraph failed");
  return new GraphQLError(error.message, { originalError: error, extensions: codedExtensions(error) });
}
